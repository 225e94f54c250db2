package limit

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// size is a number of calls per second and a number of calls at once.
type size struct {
	rate  float64
	burst int
}

func (b size) atMost(top size) size {
	return size{rate: min(b.rate, top.rate), burst: min(b.burst, top.burst)}
}

// raised returns the size one step up, at most top.
func (b size) raised(top size) size {
	up := size{rate: b.rate * raise, burst: top.burst}
	if step := max(1, b.burst/10); b.burst < top.burst-step { // a tenth; a sum could overflow an int
		up.burst = b.burst + step
	}
	if up.rate >= freeRate && math.IsInf(top.rate, 1) {
		up.rate = top.rate
	}
	return up.atMost(top)
}

// unlimited reports whether there is no limit.
func (b size) unlimited() bool { return math.IsInf(b.rate, 1) }

// noLimit is how a rate without a limit is stored.
const noLimit = "unlimited"

// MarshalJSON writes [rate, burst].
func (b size) MarshalJSON() ([]byte, error) {
	if b.unlimited() {
		return json.Marshal([]any{noLimit, b.burst})
	}
	return json.Marshal([]any{b.rate, b.burst})
}

// UnmarshalJSON implements json.Unmarshaler.
func (b *size) UnmarshalJSON(text []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		return err
	}
	const rateAndBurst = 2
	if len(parts) < rateAndBurst {
		return fmt.Errorf("a size has %d parts", len(parts))
	}
	read := size{rate: math.Inf(1)}
	if string(parts[0]) != `"`+noLimit+`"` {
		if err := json.Unmarshal(parts[0], &read.rate); err != nil {
			return err
		}
	}
	if err := json.Unmarshal(parts[1], &read.burst); err != nil {
		return err
	}
	*b = newPlan(read.rate, read.burst)
	return nil
}

// instant is a time that is stored as nanoseconds since 1970.
type instant struct{ time.Time }

// MarshalJSON implements json.Marshaler.
func (t *instant) MarshalJSON() ([]byte, error) { return json.Marshal(t.UnixNano()) }

// UnmarshalJSON implements json.Unmarshaler.
func (t *instant) UnmarshalJSON(text []byte) error {
	var nano int64
	if err := json.Unmarshal(text, &nano); err != nil {
		return err
	}
	t.Time = time.Unix(0, nano)
	return nil
}

// shift moves a time that is set.
func (t *instant) shift(d time.Duration) {
	if !t.IsZero() {
		t.Time = t.Add(d)
	}
}
