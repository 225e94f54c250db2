package b24test

import (
	"net/http"
	"strings"
	"time"

	"github.com/b24go/b24/b24test/internal/php"
)

// maxCommands is how many commands of a batch run.
const maxCommands = 50

// batch is a batch of the classic API while its commands run, docs/protocol.md 4.
type batch struct {
	p        *Portal
	req      *call
	began    time.Time
	skipped  time.Duration // delays that were not waited for: the caller had disconnected
	late     bool          // the time limit was reached
	sections *php.Array    // answers of the commands: result, next, total, time, error
	cost     time.Duration // of all commands
	told     Result        // the operating time that the batch reports, in the fields of a Result
	broken   *reply        // the answer of a batch that broke off
	fault    Fault         // what goes wrong with the answer
}

// runBatch answers a batch.
func (p *Portal) runBatch(req *call) reply {
	b := &batch{p: p, req: req, began: time.Now(), fault: Pass(), sections: php.Object(
		"result", sectionOf(), "next", sectionOf(), "total", sectionOf(), "time", sectionOf(), "error", sectionOf(),
	)}
	if p.cfg.batchCharged && p.blocked(req, b.began) {
		return failure(2, operationTimeLimit(2))
	}
	p.mu.Lock()
	req.Executed = true
	p.mu.Unlock()
	b.runAll()
	rep := b.answer()
	rep.fault = &b.fault
	return rep
}

// sectionOf creates a section: it is a list only if its keys came as 0, 1, 2 and so on, in this
// order.
func sectionOf() *php.Array {
	a := php.NewArray()
	a.Exact = true
	return a
}

// runAll runs the commands in order of arrival.
func (b *batch) runAll() {
	halt, _ := b.req.params.Fold("halt")
	cmds, _ := b.req.params.Fold("cmd")
	list, ok := cmds.(*php.Array)
	if !ok {
		return
	}
	n := 0
	for key, v := range list.All() {
		n++
		cmd, isText := v.(string)
		if !isText && n <= maxCommands {
			continue
		}
		env := b.one(n, key, cmd)
		if b.broken != nil {
			return
		}
		if b.merge(key, env) && php.Truthy(halt) {
			return
		}
	}
}

// one returns the answer to a command; nil means none at all.
func (b *batch) one(n int, key, cmd string) *php.Array {
	if n > maxCommands {
		return php.Object("error", "ERROR_BATCH_LENGTH_EXCEEDED", "error_description", "Max batch length exceeded")
	}
	c := b.newCommand(key, cmd)
	switch strings.ToLower(c.Method) {
	case "batch", "upload", "download":
		return php.Object("error", "ERROR_BATCH_METHOD_NOT_ALLOWED", "error_description", "Method is not allowed for batch usage")
	}
	return b.run(c)
}

// run runs a command with its fault. An answer that cannot be a row of a batch, such as an HTML
// page, ends the batch and is its answer.
func (b *batch) run(c *call) *php.Array {
	b.p.show(c.Request)
	fault := b.p.admitCommand(c)
	b.fault = b.fault.joined(Fault{cut: fault.cut, header: fault.header})
	if !c.pause(fault.delay) {
		return b.breakOff(htmlReply(http.StatusGatewayTimeout))
	}
	if fault.isLate {
		b.p.executeLate(c, fault)
		b.fault.reset = b.fault.reset || !fault.own
		return b.breakOff(fault.reply)
	}
	var rep reply
	fault.happens()
	if fault.execute {
		if rep = b.p.answer(c); b.late || !c.pause(fault.answerDelay) {
			return b.breakOff(htmlReply(http.StatusGatewayTimeout))
		}
	}
	switch {
	case fault.reset:
		b.fault.reset = true
		return b.breakOff(rep)
	case fault.omit:
		return nil
	case fault.own:
		rep = fault.reply
	}
	if env, ok := rep.row(); ok {
		return env
	}
	return b.breakOff(rep)
}

func (b *batch) breakOff(rep reply) *php.Array {
	b.broken = &rep
	return nil
}

// row returns an answer as a part of a batch: its members by name. False means that it cannot be
// one.
func (rep reply) row() (*php.Array, bool) {
	if rep.env != nil {
		return rep.env, true
	}
	v, err := php.Decode(rep.body)
	env, ok := v.(*php.Array)
	return env, ok && err == nil
}

// merge puts the answer to a command into the sections and reports whether it was an error.
func (b *batch) merge(key string, env *php.Array) (failed bool) {
	if env == nil {
		return false
	}
	if code, ok := env.Get("error"); ok && code != nil {
		failed = true
		env = env.With("error", b.errorRow(env))
	}
	for name, v := range env.All() {
		section, ok := b.sections.Get(name)
		if !ok {
			section = sectionOf()
			b.sections.Set(name, section)
		}
		if a, ok := section.(*php.Array); ok {
			a.Set(key, v)
		}
	}
	return failed
}

// errorRow returns the whole error envelope, or a single text from it on an old portal.
func (b *batch) errorRow(env *php.Array) any {
	if !b.p.cfg.errorTexts {
		return env
	}
	code, _ := env.Get("error")
	if !php.Truthy(code) {
		code, _ = env.Get("error_description")
	}
	return php.Text(code)
}

// answer returns the answer to the whole batch.
func (b *batch) answer() reply {
	if b.broken != nil {
		return *b.broken
	}
	out := php.Object()
	for _, name := range [][2]string{{"result", "result"}, {"result_error", "error"}, {"result_total", "total"}, {"result_next", "next"}, {"result_time", "time"}} {
		section, _ := b.sections.Get(name[1])
		out.Set(name[0], section)
	}
	b.chargeAll()
	b.told.Value = out
	return b.p.envelope(&b.req.Request, b.told)
}

// chargeAll charges the operating time of the commands to the batch, if the portal does so, and
// reports it in all rows.
func (b *batch) chargeAll() {
	if !b.p.cfg.batchCharged {
		return
	}
	b.told = Result{}
	b.p.charge(b.req, b.began, b.cost, &b.told)
	times, _ := b.sections.Get("time")
	rows, ok := times.(*php.Array)
	if !ok || b.told.Operating == nil {
		return
	}
	for _, v := range rows.All() {
		if row, ok := v.(*php.Array); ok {
			row.Set("operating_reset_at", php.Number(int(b.told.OperatingResetAt.Unix())))
			row.Set("operating", php.Decimal(*b.told.Operating))
		}
	}
}

// tell notes the operating time that a command reported: a batch reports the highest of them.
func (b *batch) tell(res Result) {
	if res.Operating != nil && (b.told.Operating == nil || *res.Operating > *b.told.Operating) {
		b.told.Operating, b.told.OperatingResetAt = res.Operating, res.OperatingResetAt
	}
}

// pause lets the time of a command pass, up to what the time limit leaves; false means that the
// batch ends here. If the caller disconnects while a command works, the following commands still
// run: PHP does not check.
func (b *batch) pause(d time.Duration) bool {
	if limit := b.p.cfg.timeLimit; limit > 0 {
		if left := limit - b.skipped - time.Since(b.began); d > left {
			b.late, d = true, left
		}
	}
	before := time.Now()
	done := b.req.pause(d)
	b.skipped += max(0, d-time.Since(before))
	return done && !b.late
}

// admitCommand records a command and returns the next fault for its method, if any.
func (p *Portal) admitCommand(c *call) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests = append(p.requests, c)
	fault := p.nextFault(c.Method)
	c.lies = fault.lies
	return fault
}

// isBatch reports whether the portal itself answers a request as a batch.
func (c *call) isBatch() bool {
	return c.Version == 2 && !c.InBatch && strings.EqualFold(c.Method, "batch")
}
