package scan

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"time"
)

// FirstCalls are the calls of a reading's first request, and why it is read so.
func FirstCalls(o Options) (way Paging, calls []string, why string, err error) {
	p, bad := newPlan(&o, func(int, ...any) []byte { return []byte(`"ref"`) })
	if bad != nil {
		return "", nil, "", bad
	}
	for _, c := range p.reader.next() {
		calls = append(calls, string(c))
	}
	return p.reader.way(), calls, p.why, nil
}

// Chains are the lengths of the chains that follow each other, when each takes
// as long as took says; a negative time is a failure.
func Chains(most int, took []time.Duration) []int {
	p := newPace(most, 0)
	lengths := []int{p.length}
	for _, d := range took {
		if d < 0 {
			p.failed(p.length)
		} else {
			p.took(p.length, d)
		}
		lengths = append(lengths, p.length)
	}
	return lengths
}

// Parsed is what the layout finds in a result.
type Parsed struct {
	Rows []string
	IDs  []uint64
	Key  string
}

// Parse takes a result apart.
func Parse(result []byte, container, id string) (Parsed, error) {
	l := layout{container: container, loose: container == "", id: id, numbers: id != ""}
	set, bad := l.parse(result)
	if bad != nil {
		return Parsed{}, &Error{Reason: bad.reason, Detail: bad.detail}
	}
	out := Parsed{Key: l.id}
	for _, id := range set.ids {
		out.IDs = append(out.IDs, id-lowest)
	}
	for _, row := range set.rows {
		out.Rows = append(out.Rows, string(row))
	}
	return out, nil
}

// Recode decodes a cursor and encodes it again.
func Recode(text string) (string, error) {
	c, bad := decodeCursor(text)
	if bad != nil {
		return "", &Error{Reason: bad.reason, Detail: bad.detail}
	}
	return c.encode(), nil
}

// Seal makes a cursor of the text of its fields.
func Seal(body string) string {
	sum := binary.BigEndian.AppendUint32([]byte(body), crc32.ChecksumIEEE([]byte(body)))
	return cursorPrefix + base64.RawURLEncoding.EncodeToString(sum)
}

// Divide are the parts that spans are divided into, for pages of 50 rows and chains of most pages.
func Divide(spans [][2]uint64, top uint64, most, n int) [][2]uint64 {
	var in []span
	for _, s := range spans {
		in = append(in, span{withBound(s[0]), withBound(s[1])})
	}
	var out [][2]uint64
	k := &keyset{form: &keyForm{}, spans: in, size: 50, pace: newPace(most, 0)}
	for _, p := range newCrew(k, withBound(top), n).parts {
		out = append(out, [2]uint64{bound(p.lo), bound(p.hi)})
	}
	return out
}

// withBound counts an id as the engine does; bound is the way back.
func withBound(id uint64) uint64 {
	if id == open {
		return open
	}
	return id + lowest
}

func bound(id uint64) uint64 {
	if id == open {
		return open
	}
	return id - lowest
}

// Counter takes results apart, one after the other, and counts their ids.
func Counter(id string) func(result []byte) int {
	l := layout{id: id, numbers: true}
	return func(result []byte) int {
		set, bad := l.parse(result)
		if bad != nil {
			return -1
		}
		return len(set.ids)
	}
}

// TakenOver settles a page that brought ids of a part up to hi, half of which another worker took over meanwhile. It returns
// the ids that are kept, the ids they stand for, and the half.
func TakenOver(hi uint64, ids ...uint64) (kept []uint64, over, upper [2]uint64) {
	c := newCrew(&keyset{form: &keyForm{}, spans: []span{{1, hi}}, size: 50, pace: newPace(1, 0)}, hi, 1)
	p := c.claim()
	p.known = true
	c.begin(p, 1)
	half := c.split()
	rows := rowSet{rows: make([]json.RawMessage, len(ids)), ids: ids}
	page := c.settle(p, []piece{{rowSet: rows, over: span{1, hi}}})[0]
	return page.ids, [2]uint64{page.over.lo, page.over.hi}, [2]uint64{half.lo, half.hi}
}

// Outlook is how many pages to ask for behind requests whose pages had these ids, if so many ids are
// left. Where a page behind the end makes the request fail, there are fewer.
func Outlook(requests [][][]uint64, left float64, size int, fails bool) int {
	var o outlook
	behind := uint64(0)
	for i, pages := range requests {
		var pieces []piece
		for _, ids := range pages {
			over := span{behind, behind}
			if len(ids) > 0 {
				over = span{min(behind, ids[len(ids)-1]), max(behind, ids[len(ids)-1])}
				behind = ids[len(ids)-1]
			}
			pieces = append(pieces, piece{rowSet: rowSet{ids: ids}, over: over})
		}
		o.learn(pieces, i == 0)
	}
	return o.pages(left, size, fails)
}
