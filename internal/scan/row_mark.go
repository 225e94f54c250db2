package scan

import (
	"bytes"
	"hash/fnv"
	"slices"

	"github.com/b24go/b24/internal/jsonwalk"
)

// mark identifies a row by its id or its keys; if it has neither, by its whole text, and told is
// false.
func (l *layout) mark(row []byte) (mark uint64, told bool) {
	if id := l.rawID(row); id != nil {
		return fingerprint(id), true
	}
	if keys := l.rawKeys(row); keys != nil {
		return fingerprint(keys), true
	}
	return fingerprint(row), false
}

// rawKeys returns the texts of the key fields, or nil if the row lacks one.
func (l *layout) rawKeys(row []byte) (keys []byte) {
	found := make([][]byte, len(l.keys))
	jsonwalk.Members(row, func(quoted, value []byte) bool {
		for i, key := range l.keys {
			if found[i] == nil && bytes.EqualFold(quoted[1:len(quoted)-1], []byte(key)) {
				found[i] = value
			}
		}
		return true
	})
	for _, value := range found {
		if value == nil {
			return nil
		}
		keys = append(append(keys, value...), 0)
	}
	return keys
}

// rawID returns the text of a row's id, or nil.
func (l *layout) rawID(row []byte) (id []byte) {
	if l.id == "" {
		return nil
	}
	jsonwalk.Members(row, func(quoted, value []byte) bool {
		if bytes.EqualFold(quoted[1:len(quoted)-1], []byte(l.id)) {
			id = value
		}
		return id == nil
	})
	return id
}

func fingerprint(text []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(text)
	return h.Sum64()
}

func fingerprints(set rowSet) []uint64 {
	marks := make([]uint64, len(set.rows))
	for i, row := range set.rows {
		marks[i] = fingerprint(row)
	}
	return marks
}

// isBegun reports whether a page begins with all rows of the previous one.
func isBegun(marks, before []uint64) bool {
	old := len(before)
	return old > 0 && len(marks) >= old && slices.Equal(marks[:old], before)
}
