package scan

import (
	"math"
	"strconv"
)

// open is the upper end of a span without an upper bound.
const open = math.MaxUint64

// idKind is what the id field of a row holds.
type idKind uint8

const (
	idFine   idKind = iota
	idAbsent        // no such field, or null, false and the like
	idText          // a text that is no whole number
	idRange         // a whole number below 0 or above what 64 bits hold
)

// parseID reads the JSON value of an id: 12 or "12". Only the plain decimal
// form counts, since the portal would order 007 or 1e3 by other rules.
func parseID(value []byte) (uint64, idKind) {
	quoted := len(value) >= 2 && value[0] == '"'
	if quoted {
		value = value[1 : len(value)-1]
	}
	switch {
	case len(value) == 0, value[0] == 'n', value[0] == 'f':
		if quoted && len(value) > 0 {
			return 0, idText
		}
		return 0, idAbsent
	case value[0] == '0' && len(value) > 1:
		return 0, idText
	case value[0] == '-':
		if _, kind := parseDigits(value[1:]); kind == idText {
			return 0, idText
		}
		return 0, idRange
	default:
		return parseDigits(value)
	}
}

func parseDigits(digits []byte) (uint64, idKind) {
	var n uint64
	kind := idFine
	if len(digits) == 0 {
		return 0, idText
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, idText
		}
		d := uint64(c - '0')
		// The highest value stands for "no upper bound".
		if n > (open-1-d)/10 {
			kind = idRange
		}
		n = n*10 + d
	}
	return n, kind
}

// span is a stretch of ids, both ends included.
type span struct{ lo, hi uint64 }

func (s span) empty() bool { return s.lo > s.hi }

// appendBelow appends the number that is one below n, which a strict bound
// takes; for 0 it is -1.
func appendBelow(dst []byte, n uint64) []byte {
	if n == 0 {
		return append(dst, '-', '1')
	}
	return strconv.AppendUint(dst, n-1, 10)
}
