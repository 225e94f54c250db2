package b24test

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/b24go/b24"
)

// ServeHTTP answers one request. It lets you serve a Portal from your own server.
func (p *Portal) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	if !p.enter() {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	defer p.served.Done()
	req, err := p.newCall(hr)
	if err != nil {
		return // the caller disconnected before the whole body was sent
	}
	p.show(req.Request)
	fault := p.admit(req)
	if !req.pause(fault.delay) {
		return
	}
	if req.body != nil {
		if err := p.receive(req, fault.hurt); err != nil {
			dropConnection(w, err)
			return
		}
	}
	if fault.isLate {
		if rep, ok := p.serveLate(req, fault); ok {
			fault.send(req, w, rep)
		}
		return
	}
	var rep reply
	fault.happens()
	if fault.execute {
		if rep = p.answer(req); !req.pause(fault.answerDelay) {
			return
		}
	}
	fault.send(req, w, rep)
}

// dropConnection ends a connection whose request did not arrive completely.
func dropConnection(w http.ResponseWriter, err error) {
	if !errors.Is(err, errBroken) {
		return // the caller ended it
	}
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		reset(conn)
	}
}

// enter counts a request as running, unless the portal is closed.
func (p *Portal) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.served.Add(1)
	return true
}

// admit records a request and returns the next fault for it, if any. A request that comes too fast
// is refused and takes no fault.
func (p *Portal) admit(req *call) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests = append(p.requests, req)
	if req.Version != 0 && !p.bucket.take(time.Now()) {
		req.Refused = "QUERY_LIMIT_EXCEEDED"
		return QueryLimitExceeded()
	}
	fault := p.nextFault(req.Method, "*")
	req.lies = fault.lies
	return fault
}

// queueOf returns the key of the faults of a method.
func queueOf(method string) string { return strings.ToLower(method) }

// nextFault takes the first fault of the first nonempty queue. The caller holds the lock.
func (p *Portal) nextFault(queues ...string) Fault {
	for _, name := range queues {
		key := queueOf(name)
		if queue := p.faults[key]; len(queue) > 0 {
			if !queue[0].always {
				p.faults[key] = queue[1:]
			}
			return queue[0]
		}
	}
	return Pass()
}

// answer handles a request as a portal does: it finds the method, checks the credentials and runs
// it.
func (p *Portal) answer(req *call) reply {
	switch req.Version {
	case 2:
	case 3:
		return p.answerV3(req)
	default:
		if rep, ok := p.page(req, req.page); ok {
			return rep
		}
		return htmlReply(http.StatusNotFound)
	}
	h := p.find(req)
	if h == nil && !req.isBatch() {
		p.unknownMethod(req)
		return failure(2, &b24.Error{Code: "ERROR_METHOD_NOT_FOUND", Description: "Method not found!"})
	}
	if err := p.authorize(req); err != nil {
		return failure(2, err)
	}
	if req.signed || isTransfer(req.Method) {
		if err := p.openLink(req); err != nil {
			return failure(2, err)
		}
	}
	if h == nil {
		return p.runBatch(req)
	}
	if req.positional() {
		if err := req.checkArguments(); err != nil {
			return failure(2, err)
		}
	}
	return p.run(req, h)
}

// find looks up a method of the classic API.
func (p *Portal) find(req *call) Handler { return p.lookUp(req.Method, p.handlers, p.method) }

// lookUp looks up a method in lower case, then as given: first among the handlers of the test, then
// among the portal's own.
func (p *Portal) lookUp(method string, handled map[string]Handler, own func(name string) Handler) Handler {
	for _, name := range []string{strings.ToLower(method), method} {
		p.mu.Lock()
		h := handled[name]
		p.mu.Unlock()
		if h == nil {
			h = own(name)
		}
		if h != nil {
			return h
		}
	}
	return nil
}

func (p *Portal) authorize(req *call) error {
	switch {
	case req.User == "" && req.secret == "":
		return &b24.Error{Code: "NO_AUTH_FOUND", Description: "Wrong authorization data", Status: http.StatusUnauthorized}
	case !p.knows(req):
		return &b24.Error{Code: "INVALID_CREDENTIALS", Description: "Invalid request credentials", Status: http.StatusUnauthorized}
	}
	return nil
}

func (p *Portal) knows(req *call) bool {
	return req.User == strconv.FormatInt(p.cfg.userID, 10) && req.secret == p.cfg.secret
}

// answerV3 is answer for REST 3.0, whose body must be JSON.
func (p *Portal) answerV3(req *call) reply {
	if !p.knows(req) {
		return failure(3, &b24.Error{
			Code: v3Code("ACCESSDENIEDEXCEPTION"), Description: "Access denied", Status: http.StatusUnauthorized,
		})
	}
	h := p.v3.find(req.Method)
	if h == nil {
		p.unknownMethod(req)
		return failure(3, methodNotFoundV3(req.Method))
	}
	if !req.bodyIsJSON() && !bodylessV3(req.Method) {
		return failure(3, &b24.Error{Code: v3Code("INVALIDJSONEXCEPTION"), Description: "Invalid JSON"})
	}
	return p.v3.keys.keyed(req, func() reply { return p.run(req, h) })
}

// run calls a handler, without any lock held, if the method has operating time left. A panic
// becomes an HTML page, as a fatal error of PHP does.
func (p *Portal) run(req *call, h Handler) (rep reply) {
	began := time.Now()
	if !req.signed && p.blocked(req, began) {
		return failure(req.Version, operationTimeLimit(req.Version))
	}
	p.mu.Lock()
	copied := req.Request
	req.Executed = true
	p.mu.Unlock()
	defer func() {
		if v := recover(); v != nil {
			p.report(fmt.Sprintf("b24test: handler of %s: panic: %v\n%s", copied.Method, v, debug.Stack()))
			rep = htmlReply(http.StatusInternalServerError)
		}
	}()
	value, err := h(copied)
	if err = errorOf(value, err); err != nil {
		req.pause(p.cfg.latencyOf(0))
		return failure(req.Version, err)
	}
	res := resultOf(value)
	cost := p.cfg.costOf(req.Method, res)
	req.pause(p.cfg.latencyOf(cost)) // the time is charged even if the caller disconnects
	if !req.signed {
		p.charge(req, began, cost, &res) // a portal counts no time of signed links
	}
	if req.InBatch {
		req.batch.tell(res)
	}
	return p.success(&copied, res)
}
