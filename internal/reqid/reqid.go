// Package reqid creates request ids: UUIDs of version 7 (RFC 9562, 5.7), which sort by creation
// time.
package reqid

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"sync/atomic"
	"time"
)

// Source creates ids. The ids of one Source ascend. The zero value is ready to use and safe for
// concurrent use.
type Source struct{ last atomic.Int64 }

// Next returns a new id, 36 characters.
func (s *Source) Next() string {
	var id [16]byte
	stamp := s.stamp()
	binary.BigEndian.PutUint64(id[:8], uint64(stamp>>12)<<16|0x7000|uint64(stamp&0xfff)) //nolint:gosec // times since 1970 are not negative
	_, _ = rand.Read(id[8:])                                                             // crypto/rand.Read never returns an error
	id[8] = id[8]&0x3f | 0x80
	return format(id)
}

// stamp returns the milliseconds since 1970 followed by 12 fraction bits, greater than any earlier
// stamp (RFC 9562, 6.2, method 3).
func (s *Source) stamp() int64 {
	const frac = 1 << 12
	for {
		ns := time.Now().UnixNano()
		now := ns/int64(time.Millisecond)*frac + ns%int64(time.Millisecond)*frac/int64(time.Millisecond)
		last := s.last.Load()
		now = max(now, last+1)
		if s.last.CompareAndSwap(last, now) {
			return now
		}
	}
}

func format(id [16]byte) string {
	var b [36]byte
	hex.Encode(b[0:8], id[0:4])
	hex.Encode(b[9:13], id[4:6])
	hex.Encode(b[14:18], id[6:8])
	hex.Encode(b[19:23], id[8:10])
	hex.Encode(b[24:36], id[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}
