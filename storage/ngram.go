package storage

// N-grams of the substring index: all runs of gramBytes bytes of a prepared value between a begin
// and an end anchor. Bytes of a value may equal an anchor; that only proposes more candidates.
const (
	gramBytes = 3
	gramBegin = 0x02
	gramEnd   = 0x03
)

// grams calls yield for every n-gram of text, not without duplicates. begin and end say which
// anchors surround it. buf is scratch that is returned for the next call.
func grams(buf, text []byte, begin, end bool, yield func(gram []byte)) []byte {
	buf = buf[:0]
	if begin {
		buf = append(buf, gramBegin)
	}
	buf = append(buf, text...)
	if end {
		buf = append(buf, gramEnd)
	}
	for i := 0; i+gramBytes <= len(buf); i++ {
		yield(buf[i : i+gramBytes : i+gramBytes])
	}
	return buf
}
