package envelope

import (
	"bytes"
	"strconv"
	"time"
)

// Operating reads from the member time how much operating time the method used in its window, and
// how long it takes until a part of it is forgotten. Both are optional in the protocol: known is
// false if the answer lacks the first, left is 0 if it lacks the second.
//
// left is measured by the portal's clock, which may differ from now.
func Operating(timing []byte, now time.Time) (used, left time.Duration, known bool) {
	if timing == nil {
		return 0, 0, false
	}
	seconds, ok := member(timing, "operating")
	if !ok {
		return 0, 0, false
	}
	used = inSeconds(seconds)
	resetAt, ok := member(timing, "operating_reset_at")
	if !ok {
		return used, 0, true
	}
	finish, ok := member(timing, "finish")
	if !ok {
		finish = float64(now.UnixNano()) / float64(time.Second)
	}
	return used, inSeconds(max(0, resetAt-finish)), true
}

// member reads a number from the flat object in the member time. It runs for every answer, so it
// must not allocate.
func member(timing []byte, name string) (float64, bool) {
	for rest := timing; ; {
		i := bytes.Index(rest, []byte(name))
		if i < 0 {
			return 0, false
		}
		quoted := i > 0 && rest[i-1] == '"'
		rest = rest[i+len(name):]
		if value, ok := bytes.CutPrefix(rest, []byte(`"`)); ok && quoted {
			return number(value)
		}
	}
}

// number reads ": 12.5," with or without quotes around the number.
func number(value []byte) (float64, bool) {
	const most = 1 << 33 // seconds; a larger number is not a current time and would overflow
	value = bytes.TrimLeft(value, ": \t\r\n\"")
	end := bytes.IndexAny(value, ",}\" \t\r\n")
	if end < 0 {
		return 0, false
	}
	s, err := strconv.ParseFloat(string(value[:end]), 64)
	return s, err == nil && s >= 0 && s < most
}

func inSeconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
