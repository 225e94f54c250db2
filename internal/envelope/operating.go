package envelope

import (
	"strconv"
	"strings"
	"time"
)

// Operating reads from the member time how much operating time the method used
// in its window, and how long it is until a part of it is forgotten. Both are
// optional in the protocol: ok is false where the answer does not say the first,
// left is 0 where it does not say the second.
//
// left is told by the portal's own clock, which may be off from now.
func Operating(timing []byte, now time.Time) (used, left time.Duration, ok bool) {
	if timing == nil {
		return 0, 0, false
	}
	var finish, resetAt float64
	_ = object(timing, func(name string, value []byte) { // what can be read counts
		switch name {
		case "operating":
			var s float64
			s, ok = number(value)
			used = time.Duration(s * float64(time.Second))
		case "operating_reset_at":
			resetAt, _ = number(value)
		case "finish":
			finish, _ = number(value)
		}
	})
	if finish <= 0 {
		finish = float64(now.UnixNano()) / float64(time.Second)
	}
	if resetAt > 0 {
		left = time.Duration(max(0, resetAt-finish) * float64(time.Second))
	}
	return used, left, ok
}

// number reads a JSON number of seconds, or the same as text.
func number(value []byte) (float64, bool) {
	const most = 1 << 33 // seconds; what is more is no time of today and would not fit
	s, err := strconv.ParseFloat(strings.Trim(string(value), `"`), 64)
	return s, err == nil && s >= 0 && s < most
}
