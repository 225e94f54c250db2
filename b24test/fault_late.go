package b24test

import (
	"context"
	"time"
)

// ExecuteLate resets the connection as soon as the request has arrived, and runs the method d later,
// when the caller has long given up or repeated the call. See [Fault.ExecutedLate].
func ExecuteLate(d time.Duration) Fault { return ResetBefore().ExecutedLate(d) }

// ExecutedLate runs the method d after the fault replaced its answer, whether the caller is still
// there or not: HTML(504).ExecutedLate(time.Minute) is a proxy that lost patience with a portal that
// works on. Pass().ExecutedLate(d) sends no answer before the method ran: unlike [Delay] it runs the
// method also if the caller disconnects first. The time is that of package time, so a
// testing/synctest bubble skips it. [Portal.Close] ends the wait, and the method does not run.
//
// A command of a batch that runs late is the last one of its batch to run; without an answer of the
// fault, the connection of the batch is reset.
func (f Fault) ExecutedLate(d time.Duration) Fault {
	f.execute, f.isLate, f.late = false, true, d
	return f
}

// ClearFaults removes the faults that wait for calls of a method, among them one that
// [Fault.Always] keeps there; "*" is the queue for any method. The letter case of the method does
// not matter.
func (p *Portal) ClearFaults(method string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.faults, queueOf(method))
}

// executeLate runs a method after a while, independent of its caller. The channel has the answer
// unless the portal is closed first.
func (p *Portal) executeLate(req *call, fault Fault) <-chan reply {
	answer := make(chan reply, 1)
	ctx, later := p.later(req.ctx, fault)
	p.mu.Lock()
	req.ctx = ctx
	p.mu.Unlock()
	if req.batch != nil { // it goes on without this command
		outer := *req.batch.req
		outer.ctx = ctx
		req.batch = &batch{p: p, req: &outer, began: time.Now(), sections: req.batch.sections}
	}
	later(func() { answer <- p.answer(req) })
	return answer
}

// later returns a function that calls f after a while, and the context of f, which ends only when
// the portal closes or f returns.
func (p *Portal) later(caller context.Context, fault Fault) (ctx context.Context, run func(f func())) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(caller))
	return ctx, func(f func()) {
		p.served.Go(func() {
			defer cancel()
			if pause(ctx, fault.late) {
				fault.happens()
				f()
			}
		})
		p.served.Go(func() {
			select {
			case <-p.closing:
				cancel()
			case <-ctx.Done():
			}
		})
	}
}

// serveLate is what happens to a request whose method runs late; false means that there is no
// answer, because the caller or the portal has gone.
func (p *Portal) serveLate(req *call, fault Fault) (rep reply, ok bool) {
	caller := req.ctx
	answer := p.executeLate(req, fault)
	if fault.own || fault.reset {
		return rep, true
	}
	select {
	case rep = <-answer:
		return rep, pause(caller, fault.answerDelay)
	case <-caller.Done():
	case <-p.closing:
	}
	return rep, false
}
