package b24test

import (
	"net/http"
	"strings"
	"time"
)

// maxCommands is how many commands of a batch are run.
const maxCommands = 50

// batch is a batch of the classic API on its way through its commands, protocol.md 4.
type batch struct {
	p        *Portal
	req      *call
	began    time.Time
	skipped  time.Duration // waits that nobody waited for: the caller had hung up
	late     bool          // the time limit came
	sections *array        // what the commands gave: result, next, total, time, error
	cost     time.Duration // of all commands
	told     Result        // the operating time that the batch tells, in the fields of a Result
	broken   *reply        // the answer of a batch that broke off
	fault    Fault         // what goes wrong with the answer
}

// runBatch answers a batch.
func (p *Portal) runBatch(req *call) reply {
	b := &batch{p: p, req: req, began: time.Now(), fault: Pass(), sections: object(
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

// sectionOf makes a section: it is a list only if its keys came as 0, 1, 2 and so on, in this order.
func sectionOf() *array {
	a := newArray()
	a.exact = true
	return a
}

// runAll runs the commands in the order in which they came.
func (b *batch) runAll() {
	halt, _ := b.req.params.fold("halt")
	cmds, _ := b.req.params.fold("cmd")
	list, ok := cmds.(*array)
	if !ok {
		return
	}
	n := 0
	for key, v := range list.all() {
		n++
		cmd, isText := v.(string)
		if !isText && n <= maxCommands {
			continue
		}
		env := b.one(n, key, cmd)
		if b.broken != nil {
			return
		}
		if b.merge(key, env) && truthy(halt) {
			return
		}
	}
}

// one is what a command gives; nil means nothing at all.
func (b *batch) one(n int, key, cmd string) *array {
	if n > maxCommands {
		return object("error", "ERROR_BATCH_LENGTH_EXCEEDED", "error_description", "Max batch length exceeded")
	}
	c := b.newCommand(key, cmd)
	switch strings.ToLower(c.Method) {
	case "batch", "upload", "download":
		return object("error", "ERROR_BATCH_METHOD_NOT_ALLOWED", "error_description", "Method is not allowed for batch usage")
	}
	return b.run(c)
}

// run runs a command with what goes wrong with it. What is no row of a batch, such as a page of HTML, ends the batch and is its answer.
func (b *batch) run(c *call) *array {
	b.p.show(c.Request)
	fault := b.p.admitCommand(c)
	b.fault = b.fault.joined(Fault{cut: fault.cut, header: fault.header})
	if !c.pause(fault.delay) {
		return b.breakOff(htmlReply(http.StatusGatewayTimeout))
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

func (b *batch) breakOff(rep reply) *array {
	b.broken = &rep
	return nil
}

// row is an answer as a part of a batch: its members by name. False means that it is none.
func (rep reply) row() (*array, bool) {
	if rep.env != nil {
		return rep.env, true
	}
	v, err := decodeJSON(rep.body)
	env, ok := v.(*array)
	return env, ok && err == nil
}

// merge puts what a command gave into the sections and tells whether that was an error.
func (b *batch) merge(key string, env *array) (failed bool) {
	if env == nil {
		return false
	}
	if code, ok := env.get("error"); ok && code != nil {
		failed = true
		env = env.with("error", b.errorRow(env))
	}
	for name, v := range env.all() {
		section, ok := b.sections.get(name)
		if !ok {
			section = sectionOf()
			b.sections.set(name, section)
		}
		if a, ok := section.(*array); ok {
			a.set(key, v)
		}
	}
	return failed
}

// errorRow is a whole error envelope, or one text of it on an old portal.
func (b *batch) errorRow(env *array) any {
	if !b.p.cfg.errorTexts {
		return env
	}
	code, _ := env.get("error")
	if !truthy(code) {
		code, _ = env.get("error_description")
	}
	return scalar(code)
}

// answer is that of the whole batch.
func (b *batch) answer() reply {
	if b.broken != nil {
		return *b.broken
	}
	out := object()
	for _, name := range [][2]string{{"result", "result"}, {"result_error", "error"}, {"result_total", "total"}, {"result_next", "next"}, {"result_time", "time"}} {
		section, _ := b.sections.get(name[1])
		out.set(name[0], section)
	}
	b.chargeAll()
	b.told.Value = out
	return b.p.envelope(&b.req.Request, b.told)
}

// chargeAll counts the operating time of the commands for the batch, where the portal does so, and tells it in all rows.
func (b *batch) chargeAll() {
	if !b.p.cfg.batchCharged {
		return
	}
	b.told = Result{}
	b.p.charge(b.req, b.began, b.cost, &b.told)
	times, _ := b.sections.get("time")
	rows, ok := times.(*array)
	if !ok || b.told.Operating == nil {
		return
	}
	for _, v := range rows.all() {
		if row, ok := v.(*array); ok {
			row.set("operating_reset_at", number(int(b.told.OperatingResetAt.Unix())))
			row.set("operating", float(*b.told.Operating))
		}
	}
}

// tell notes the operating time that a command told: a batch tells the highest of them.
func (b *batch) tell(res Result) {
	if res.Operating != nil && (b.told.Operating == nil || *res.Operating > *b.told.Operating) {
		b.told.Operating, b.told.OperatingResetAt = res.Operating, res.OperatingResetAt
	}
}

// pause lets the time of a command pass, at the most what the time limit leaves; false means that the batch ends here.
// A command whose caller hung up while it worked is one of many that go on to be run: PHP does not look.
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

// admitCommand records a command and takes the fault that waits for its method, if any.
func (p *Portal) admitCommand(c *call) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests = append(p.requests, c)
	fault := p.nextFault(c.Method)
	c.lies = fault.lies
	return fault
}

// isBatch tells whether the portal itself answers a request as a batch.
func (c *call) isBatch() bool {
	return c.Version == 2 && !c.InBatch && strings.EqualFold(c.Method, "batch")
}
