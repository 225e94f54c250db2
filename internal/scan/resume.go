package scan

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"strconv"
	"strings"

	"github.com/b24go/b24/internal/codec"
)

// cursorPrefix is the version of a cursor's text.
const cursorPrefix = "b24.1."

const (
	cursorKeys = "k" // by id
	cursorRows = "r" // by offset
	cursorNext = "c" // by the method's own cursor
)

// cursor is a place in a list.
type cursor struct {
	Way  string `json:"w"`
	Bind uint64 `json:"b,string"` // hash of the method and its parameters
	Done int    `json:"n"`

	// Spans are the ids not read yet.
	Spans []span   `json:"-"`
	Flat  spanEnds `json:"s,omitempty"`

	// Start is the offset of the next page, of which Skip rows were read; Mark identifies the last
	// of those rows.
	Start int    `json:"o,omitempty"`
	Skip  int    `json:"k,omitempty"`
	Mark  uint64 `json:"m,string,omitempty"`
	// Next is the text of the method's own cursor for the page of which Skip rows were read.
	Next string `json:"x,omitempty"`
	// Total is the portal's total, -1 or 0 if there is none.
	Total int `json:"t,omitempty"`

	Container string `json:"c,omitempty"`
	Loose     bool   `json:"l,omitempty"`
	ID        string `json:"i,omitempty"`
	Exact     bool   `json:"e,omitempty"`
	Size      int    `json:"z,omitempty"`
	Sized     bool   `json:"y,omitempty"`
}

// spanEnds are the ends of spans, as a cursor writes them: ids, with a number beyond all ids if a
// span has no bound.
type spanEnds []uint64

const noLowerBound, noUpperBound = "-4294967297", "18446744073709551615"

// MarshalJSON implements json.Marshaler.
func (e spanEnds) MarshalJSON() ([]byte, error) {
	const usual = len("12345678,")
	b := append(make([]byte, 0, usual*len(e)+len(noUpperBound)), '[')
	for i, id := range e {
		if i > 0 {
			b = append(b, ',')
		}
		switch id {
		case 0:
			b = append(b, noLowerBound...)
		case open:
			b = append(b, noUpperBound...)
		default:
			b = appendID(b, id)
		}
	}
	return append(b, ']'), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (e *spanEnds) UnmarshalJSON(text []byte) error {
	var ends []json.RawMessage
	if err := codec.Unmarshal(text, &ends); err != nil {
		return err
	}
	for _, end := range ends {
		id, kind := parseID(end)
		switch {
		case string(end) == noLowerBound:
			id = 0
		case string(end) == noUpperBound:
			id = open
		case kind != idFine:
			return ErrCursor
		}
		*e = append(*e, id)
	}
	return nil
}

// encode writes the cursor as text, with a checksum to detect damage.
func (c *cursor) encode() string {
	flat := *c
	flat.Flat = make(spanEnds, 0, 2*len(c.Spans))
	for _, s := range c.Spans {
		if !s.empty() {
			flat.Flat = append(flat.Flat, s.lo, s.hi)
		}
	}
	body, err := codec.Marshal(&flat)
	if err != nil {
		return "" // plain fields always have a JSON form
	}
	body = binary.BigEndian.AppendUint32(body, crc32.ChecksumIEEE(body))
	return cursorPrefix + base64.RawURLEncoding.EncodeToString(body)
}

// decodeCursor reads the text of a cursor. The text is untrusted.
func decodeCursor(text string) (cursor, *flaw) {
	coded, ok := strings.CutPrefix(text, cursorPrefix)
	if !ok {
		return cursor{}, &flaw{reason: ErrCursor, detail: "it is malformed, or of another version"}
	}
	body, err := base64.RawURLEncoding.Strict().DecodeString(coded)
	const sum = 4
	if err != nil || len(body) < sum {
		return cursor{}, &flaw{reason: ErrCursor, detail: "it is damaged"}
	}
	body, tail := body[:len(body)-sum], body[len(body)-sum:]
	var c cursor
	if crc32.ChecksumIEEE(body) != binary.BigEndian.Uint32(tail) || codec.Unmarshal(body, &c) != nil {
		return cursor{}, &flaw{reason: ErrCursor, detail: "it is damaged"}
	}
	return c, c.unfold()
}

// unfold validates the fields and rebuilds the spans.
func (c *cursor) unfold() *flaw {
	fits := strings.Contains(cursorKeys+cursorRows+cursorNext, c.Way) && len(c.Way) == 1 && len(c.Flat)%2 == 0 &&
		c.Done >= 0 && c.Start >= 0 && c.Skip >= 0 && c.Size >= 0 && (c.Size > 0 || !c.Sized) && c.Total >= -1
	for i := 0; i+1 < len(c.Flat) && fits; i += 2 {
		s := span{c.Flat[i], c.Flat[i+1]}
		fits = !s.empty() && (i == 0 || s.lo > c.Flat[i-1])
		c.Spans = append(c.Spans, s)
	}
	if !fits {
		return &flaw{reason: ErrCursor, detail: "it is damaged"}
	}
	c.Flat = nil
	return nil
}

// binding is the hash of what a cursor belongs to.
func binding(o *Options, params []byte) uint64 {
	var text []byte
	for _, part := range []string{strings.ToLower(o.Method), o.IDKey, o.CursorKey, o.RowsKey} {
		text = append(append(text, part...), 0)
	}
	text = strconv.AppendBool(text, o.V3)
	text = strconv.AppendBool(text, o.Descending)
	if o.Next != nil {
		text = append(append(append(text, o.Next.Param...), 0), o.Next.Key...)
	}
	return fingerprint(append(text, params...))
}

// resume reads the cursor to continue from.
func (b *builder) resume() *flaw {
	if b.o.Resume == "" {
		return nil
	}
	from, bad := decodeCursor(b.o.Resume)
	switch {
	case bad != nil:
		return bad
	case from.Bind != b.bind:
		return &flaw{reason: ErrCursor, detail: "it belongs to another method or to other parameters"}
	default:
		b.from = &from
		return nil
	}
}

// counted returns the total of an earlier reading, or -1.
func (b *builder) counted() int {
	if b.o.WantTotal && b.from != nil && b.from.Total > 0 {
		return b.from.Total
	}
	return -1
}
