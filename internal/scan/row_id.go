package scan

import (
	"math"
	"strconv"
)

const (
	// lowest is how far below 0 an id may be. Ids are stored with this offset, so that they compare
	// as unsigned numbers: the id 0 is lowest, the id 1 is lowest+1.
	lowest = 1 << 32
	// open is the upper end of a span without an upper bound; 0 is the lower end of one without a
	// lower bound.
	open = math.MaxUint64
)

// idKind is what the id field of a row holds.
type idKind uint8

const (
	idFine   idKind = iota
	idAbsent        // no such field, or null, false and the like
	idText          // a text that is not an integer
	idRange         // an integer below -2^32 or too large
)

// parseID reads the JSON value of an id: 12 or "12". Only plain decimal numbers are accepted,
// because the portal would order 007 or 1e3 by other rules.
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
	case value[0] == '-':
		return parseNegative(value[1:])
	}
	n, kind := parseDigits(value)
	if kind == idFine && n > open-1-lowest {
		kind = idRange
	}
	return n + lowest, kind
}

func parseNegative(digits []byte) (uint64, idKind) {
	n, kind := parseDigits(digits)
	switch {
	case kind == idText || kind == idFine && n == 0:
		return 0, idText
	case kind != idFine || n > lowest:
		return 0, idRange
	default:
		return lowest - n, idFine
	}
}

func parseDigits(digits []byte) (uint64, idKind) {
	var n uint64
	kind := idFine
	if len(digits) == 0 || digits[0] == '0' && len(digits) > 1 {
		return 0, idText
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, idText
		}
		d := uint64(c - '0')
		if n > (math.MaxUint64-d)/10 {
			kind = idRange
		}
		n = n*10 + d
	}
	return n, kind
}

// appendID writes an id as a number.
func appendID(dst []byte, id uint64) []byte {
	if id < lowest {
		return strconv.AppendUint(append(dst, '-'), lowest-id, 10)
	}
	return strconv.AppendUint(dst, id-lowest, 10)
}
