package b24test

import (
	"context"
	"io"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/b24go/b24"
)

// Fault is one thing that goes wrong with one call, see [Portal.Fault]. The zero Fault is like
// [Pass], except that the method does not run. The methods of Fault return a modified copy.
type Fault struct {
	delay       time.Duration
	answerDelay time.Duration
	execute     bool // the method runs
	own         bool // reply is the answer, not the method's
	reply       reply
	header      http.Header
	reset       bool // the connection is reset instead of an answer
	lies        lies // changes to the list of a seeded entity
	always      bool // stays in its queue
	meanwhile   func()
	isLate      bool // the method runs after late, whatever happens to the caller
	late        time.Duration
	omit        bool // omit a command of a batch from all sections
	cut         int  // how many bytes of the answer's body arrive; negative: all
	pausing     bool // the answer's body pauses
	pauseAt     int  // after so many bytes
	pauseFor    time.Duration
	hurt        *breach // of the body of an upload
}

// Pass is not a fault: the call is answered as usual. Use it to delay the next fault in the queue.
func Pass() Fault { return Fault{execute: true, cut: -1} }

// Delay waits for d before the method runs. The method does not run if the caller disconnects
// first.
func Delay(d time.Duration) Fault {
	f := Pass()
	f.delay = d
	return f
}

// DelayAnswer runs the method at once and answers after d.
func DelayAnswer(d time.Duration) Fault {
	f := Pass()
	f.answerDelay = d
	return f
}

// Meanwhile calls f before the method runs, for example to add or remove rows between two pages of
// a list. With [Fault.Always] it calls f each time. f may use the portal.
func Meanwhile(f func()) Fault {
	fault := Pass()
	fault.meanwhile = f
	return fault
}

// happens does what comes before the method runs.
func (f Fault) happens() {
	if f.meanwhile != nil {
		f.meanwhile()
	}
}

// ResetBefore resets the connection once the request has arrived; the method does not run.
func ResetBefore() Fault { return Fault{reset: true, cut: -1} }

// ResetAfter runs the method and resets the connection, so the answer is lost.
func ResetAfter() Fault { return Fault{reset: true, execute: true, cut: -1} }

// CutBody runs the method and closes the connection after the first n bytes of the body; the header
// announces the full length.
func CutBody(n int) Fault {
	f := Pass()
	f.cut = n
	return f
}

// StallBody runs the method, sends the first n bytes of the answer's body, and the rest after d. The
// wait ends when the caller disconnects.
func StallBody(n int, d time.Duration) Fault {
	f := Pass()
	f.pausing, f.pauseAt, f.pauseFor = true, n, d
	return f
}

// CutUpload resets the connection after the first n bytes of the body of an upload; the method does
// not run. n counts the whole form, and a shorter one arrives. Of any other call it has no effect.
func CutUpload(n int) Fault {
	f := Pass()
	f.hurt = &breach{after: int64(n), reset: true}
	return f
}

// StallUpload reads the first n bytes of the body of an upload and continues after d. Of any other
// call it has no effect.
func StallUpload(n int, d time.Duration) Fault {
	f := Pass()
	f.hurt = &breach{after: int64(n), stall: d}
	return f
}

// Answer sends raw instead of the method's answer; the method does not run.
func Answer(raw Raw) Fault { return Fault{own: true, reply: raw.reply(), cut: -1} }

// Status answers with a status and a body declared as JSON; the method does not run.
func Status(status int, body string) Fault { return Answer(Raw{Status: status, Body: body}) }

// HTML answers with an HTML page like a proxy's: with 502 or 504, but also 200 or 403. The method
// does not run, see [Fault.Executed].
func HTML(status int) Fault { return Fault{own: true, reply: htmlReply(status), cut: -1} }

// Empty answers with a status and an empty body; the method does not run.
func Empty(status int) Fault {
	f := HTML(status)
	f.reply.body = nil
	return f
}

// Garbage answers 200 with bytes declared as JSON that are not JSON; the method does not run.
func Garbage() Fault { return Status(http.StatusOK, "\x00\xff<?php{\"result\":") }

// Omit leaves a command of a batch out of all sections of the answer, as if it had not been sent.
// It does not run; see [Fault.Executed]. A separate request gets no answer.
func Omit() Fault {
	f := Empty(http.StatusOK)
	f.omit = true
	return f
}

// Redirect answers with a status and a Location, as a renamed portal does; the method does not run.
func Redirect(status int, location string) Fault {
	return Empty(status).Header("Location", location)
}

// Refuse answers with an error of the classic API; the method does not run. A Status of 0 means the
// usual status of the code.
func Refuse(err *b24.Error) Fault {
	return Fault{own: true, reply: failure(2, err), cut: -1}
}

// RefuseV3 is [Refuse] in the form of REST 3.0.
func RefuseV3(err *b24.Error) Fault {
	return Fault{own: true, reply: failure(3, err), cut: -1}
}

// QueryLimitExceeded refuses a call because calls come too fast: status 503.
func QueryLimitExceeded() Fault {
	return Refuse(&b24.Error{Code: "QUERY_LIMIT_EXCEEDED", Description: "Too many requests"})
}

// OperationTimeLimit refuses a call because the method has used up its operating time: status 429.
func OperationTimeLimit() Fault {
	return Refuse(operationTimeLimit(2))
}

func operationTimeLimit(version int) *b24.Error {
	e := &b24.Error{Code: "OPERATION_TIME_LIMIT", Description: "Method is blocked due to operation time limit."}
	if version == 3 {
		e.Code = v3Code("RATELIMITEXCEPTION")
	}
	return e
}

// OverloadLimit refuses a call because Bitrix24 support blocked REST: status 503, and waiting does
// not help.
func OverloadLimit() Fault {
	return Refuse(&b24.Error{Code: "OVERLOAD_LIMIT", Description: "REST API is blocked due to overload."})
}

// InternalServerError answers with the portal's own error of status 500. The method does not run
// unless [Fault.Executed] is set.
func InternalServerError() Fault {
	return Refuse(&b24.Error{Code: "INTERNAL_SERVER_ERROR", Description: "Internal server error"})
}

// After adds a delay of d before the fault.
func (f Fault) After(d time.Duration) Fault {
	f.delay += d
	return f
}

// Executed runs the method before the fault replaces its answer.
func (f Fault) Executed() Fault {
	f.execute = true
	return f
}

// Always keeps the fault in its queue: it applies to every later call, and faults behind it never
// apply. [Portal.ClearFaults] ends it.
func (f Fault) Always() Fault {
	f.always = true
	return f
}

// Header adds a header to the answer, whether the answer comes from the method or from the fault.
func (f Fault) Header(key, value string) Fault {
	header := f.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Add(key, value)
	f.header = header
	return f
}

// RetryAfter adds a Retry-After header of whole seconds, rounded up.
func (f Fault) RetryAfter(d time.Duration) Fault {
	return f.Header("Retry-After", strconv.Itoa(int((d+time.Second-1)/time.Second)))
}

// pause waits; false means that the caller disconnected meanwhile.
func (c *call) pause(d time.Duration) bool {
	if c.batch != nil {
		return c.batch.pause(d)
	}
	return pause(c.ctx, d)
}

func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// joined adds what goes wrong with the answer of a batch because of one of its commands.
func (f Fault) joined(g Fault) Fault {
	f.reset = f.reset || g.reset
	if f.cut < 0 {
		f.cut = g.cut
	}
	for key := range g.header {
		f = f.Header(key, g.header.Get(key))
	}
	return f
}

// send writes the fault's answer, or the method's answer if the fault has none.
func (f Fault) send(req *call, w http.ResponseWriter, rep reply) {
	switch {
	case f.own:
		rep = f.reply
	case rep.fault != nil:
		f = f.joined(*rep.fault)
	}
	if f.reset {
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			reset(conn)
		}
		return
	}
	body, length := rep.stream()
	maps.Copy(w.Header(), rep.header)
	maps.Copy(w.Header(), f.header)
	w.Header().Set("Content-Length", strconv.FormatInt(length, 10))
	w.WriteHeader(rep.status)
	if f.cut >= 0 {
		body = io.LimitReader(body, int64(f.cut))
	}
	if f.pausing {
		if _, err := io.CopyN(w, body, int64(f.pauseAt)); err == nil {
			_ = http.NewResponseController(w).Flush()
			if !req.pause(f.pauseFor) {
				return
			}
		}
	}
	_, _ = io.Copy(w, body) // the caller may have disconnected
}
