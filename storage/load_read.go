package storage

import (
	"context"
	"errors"
	"iter"
	"strings"

	"gatehouse/directory"
)

// read takes the input and lets the workers make records and terms of it.
func (l *loader) read(ctx context.Context, batches iter.Seq2[[]LoadEntry, error]) error {
	queue := make(chan *loadJob, 2*l.o.Workers)
	done := make(chan error, l.o.Workers)
	for range l.o.Workers {
		w := newLoadWorker(l.ix, l.hotMax)
		l.workers = append(l.workers, w)
		go func() { done <- w.run(queue) }()
	}
	err := l.feed(ctx, batches, queue)
	close(queue)
	for range l.o.Workers {
		err = errors.Join(err, <-done)
	}
	if err != nil {
		return err
	}
	return l.adopt()
}

func (l *loader) feed(ctx context.Context, batches iter.Seq2[[]LoadEntry, error], queue chan<- *loadJob) error {
	for batch, err := range batches {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		job := &loadJob{entries: make([]loadJobEntry, 0, len(batch))}
		for i := range batch {
			l.place(job, &batch[i])
		}
		job.descs = l.descs
		l.jobs = append(l.jobs, job)
		queue <- job
	}
	return nil
}

func (l *loader) refuse(e *LoadEntry, err error) {
	l.report.Refused++
	if l.o.Refused != nil {
		l.o.Refused(e, err)
	}
}

// loadable refuses what a change would refuse, too.
func loadable(e *LoadEntry) error {
	if strings.Count(string(e.NDN), ",") >= depthNewMax {
		return directory.Errorf(directory.AdminLimitExceeded, "the name has more than %d parts", depthNewMax)
	}
	size := 2*len(e.DN) + 64
	for _, a := range e.Entry.Attributes() {
		if err := checkSet(a); err != nil {
			return err
		}
		if size += 16; len(a.Set()) <= longSetBytes {
			size += len(a.Set())
		}
	}
	if size > recordBytesMax {
		return directory.Errorf(directory.AdminLimitExceeded, "the entry has more than %d bytes", recordBytesMax)
	}
	return nil
}

// place gives an entry its ID and puts it into the job, or aside when its superior is not known yet.
func (l *loader) place(job *loadJob, e *LoadEntry) {
	if len(l.suffixes) == 0 {
		l.suffixes[e.NDN] = true
	}
	if err := loadable(e); err != nil {
		l.refuse(e, err)
		return
	}
	id := l.state.nextID
	if !l.names.add(e.NDN, id) {
		l.refuse(e, directory.Errorf(directory.EntryAlreadyExists, "an entry of that name came before"))
		return
	}
	l.state.nextID++
	l.number(e)
	info := loadedInfo{time: l.now, gives: givesRights(e.Entry)}
	if !e.ModifyTime.IsZero() {
		info.time = e.ModifyTime.UnixMicro()
	}
	if e.Modifier != "" {
		info.modifier = l.modifiers.number(e.Modifier)
	}
	l.info = append(l.info, info)
	placed := loadJobEntry{LoadEntry: *e, id: id, time: info.time}
	if !l.suffixes[e.NDN] {
		parent, ok := l.names.get(e.NDN.Parent())
		if !ok || l.names.isAside(parent) {
			l.names.setAside(id)
			l.orphans = append(l.orphans, placed)
			return
		}
		placed.parent = parent
	}
	l.accept(&placed)
	job.entries = append(job.entries, placed)
}

// number gives numbers to the descriptions of an entry.
func (l *loader) number(e *LoadEntry) {
	for _, a := range e.Entry.Attributes() {
		if l.descs.number(a.Desc) == 0 {
			l.descs = l.descs.with(a.Desc)
		}
	}
	for i := range e.References {
		if desc := e.References[i].Desc; l.descs.number(desc) == 0 {
			l.descs = l.descs.with(desc)
		}
	}
}

// accept counts an entry that has its place, and keeps its references.
func (l *loader) accept(e *loadJobEntry) {
	l.report.Entries++
	l.info[e.parent].children++
	for i := range e.References {
		ref := &e.References[i]
		no := l.descs.number(ref.Desc)
		if target, ok := l.names.get(ref.Target); ok && !l.names.isAside(target) {
			l.link(e.id, no, target)
		} else {
			l.waiting = append(l.waiting, loadWaiting{e.id, no, *ref})
		}
	}
}

func (l *loader) link(source directory.EntryID, desc uint32, target directory.EntryID) {
	l.links = append(l.links, loadLink{source, target, desc})
	info := &l.info[target]
	info.linked = true
	info.member = info.member || isMembership(l.descs.byNo[desc])
}

// adopt finds the superiors of the entries that came before them, and refuses those that have none.
func (l *loader) adopt() error {
	sortByDepth(l.orphans)
	job := &loadJob{}
	for i := range l.orphans {
		e := &l.orphans[i]
		parent, ok := l.names.get(e.NDN.Parent())
		if !ok || l.names.isAside(parent) {
			l.names.remove(e.NDN)
			l.refuse(&e.LoadEntry, directory.Errorf(directory.NoSuchObject, "its superior is not in the input"))
			continue
		}
		e.parent = parent
		l.names.takeBack(e.id)
		l.accept(e)
		job.entries = append(job.entries, *e)
	}
	l.orphans = nil
	if len(job.entries) == 0 {
		return nil
	}
	sortByID(job.entries)
	job.descs = l.descs
	l.jobs = append(l.jobs, job)
	w := newLoadWorker(l.ix, l.hotMax) // its own, because its IDs are not above those of the others
	l.workers = append(l.workers, w)
	return w.make(job)
}
