package b24

import (
	"math"
	"time"

	"github.com/b24go/b24/internal/codec"
)

// Timing is what the portal says about the time a call took. Every part is
// optional: portals differ by build and by plan (protocol.md 3.2).
type Timing struct {
	// Start and Finish are the portal's clock. Newer builds cut Start to whole
	// seconds.
	Start, Finish Null[time.Time]
	// Duration is Finish minus Start, and so up to 1 s too long in newer builds.
	Duration Null[time.Duration]
	// Processing is the time of the method itself.
	Processing Null[time.Duration]
	// DateStart and DateFinish are Start and Finish in the portal's time zone.
	DateStart, DateFinish Null[DateTime]
	// Operating is the time the method used in the last 10 minutes.
	Operating Null[time.Duration]
	// OperatingResetAt is when a part of Operating is forgotten.
	OperatingResetAt Null[time.Time]
}

// parseTiming reads what it can: a member that is not as expected is absent.
func parseTiming(raw []byte) Timing {
	var t struct {
		Start            Null[Float]    `json:"start"`
		Finish           Null[Float]    `json:"finish"`
		Duration         Null[Float]    `json:"duration"`
		Processing       Null[Float]    `json:"processing"`
		DateStart        Null[DateTime] `json:"date_start"`
		DateFinish       Null[DateTime] `json:"date_finish"`
		Operating        Null[Float]    `json:"operating"`
		OperatingResetAt Null[Float]    `json:"operating_reset_at"`
	}
	if raw == nil {
		return Timing{}
	}
	_ = codec.Unmarshal(raw, &t) // what can be decoded is
	return Timing{
		Start: instant(t.Start), Finish: instant(t.Finish),
		Duration: seconds(t.Duration), Processing: seconds(t.Processing),
		DateStart: t.DateStart, DateFinish: t.DateFinish,
		Operating: seconds(t.Operating), OperatingResetAt: instant(t.OperatingResetAt),
	}
}

func seconds(s Null[Float]) Null[time.Duration] {
	if !s.Valid || !inRange(float64(s.V)) {
		return Null[time.Duration]{}
	}
	return NullOf(time.Duration(math.Round(float64(s.V) * float64(time.Second))))
}

func instant(s Null[Float]) Null[time.Time] {
	if !s.Valid || !inRange(float64(s.V)) {
		return Null[time.Time]{}
	}
	whole, part := math.Modf(float64(s.V))
	const micro = 1e6 // a float64 of today's seconds holds no more
	return NullOf(time.Unix(int64(whole), int64(math.Round(part*micro))*int64(time.Microsecond)).UTC())
}

// inRange: seconds that fit a Duration.
func inRange(s float64) bool { return math.Abs(s) < float64(math.MaxInt64)/float64(time.Second) }
