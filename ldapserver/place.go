package ldapserver

import "context"

// place is one of the server's places for searches of unbounded plans, which bound what they take of the machine. A search
// whose client does not read waits without one, or those who ask for much and read nothing would keep all others from
// searching. So many searches are open at most: SearchWorkers that run and waitingSearches that wait.
type place struct {
	srv  *Server
	held bool
}

func (p *place) take(ctx context.Context) error {
	select {
	case p.srv.searches <- struct{}{}:
		p.held = true
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *place) leave() {
	if p.held {
		<-p.srv.searches
		p.held = false
	}
}

// flush sends what was collected for the search that has the place, and gives the place up meanwhile. Where too many wait
// already it keeps the place, and the client has little time.
func (p *place) flush(ctx context.Context, out *output) error {
	select {
	case p.srv.unread <- struct{}{}:
		defer func() { <-p.srv.unread }()
	default:
		return out.flushSoon()
	}
	p.leave()
	if err := out.flush(); err != nil {
		return err
	}
	return p.take(ctx)
}
