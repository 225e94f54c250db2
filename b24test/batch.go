package b24test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	batchMethod = "batch"
	// batchCommands is the most commands that run in a batch.
	batchCommands = 50
	// requestTime is how long a portal of the cloud works for one request.
	requestTime = time.Minute
)

// batch is a batch under way (protocol.md 4).
type batch struct {
	portal *Portal
	outer  *call

	result, failed, total, next, time *array

	operating float64
	told      bool // some command told its operating time
}

// batch answers the method batch: its commands run one after the other, each refusal a row of its own.
func (p *Portal) batch(req *call) any {
	b := &batch{portal: p, outer: req, result: newArray(), failed: newArray(), total: newArray(), next: newArray(), time: newArray()}
	began := time.Now()
	halt, _ := req.params.fold("halt")
	cmd, _ := req.params.fold("cmd")
	commands, _ := cmd.(*array)
	if commands == nil {
		commands = newArray()
	}
	n := 0
	for key, text := range commands.all() {
		n++
		if text, ok := text.(string); ok {
			b.command(key, text, n)
		}
		if time.Since(began) > requestTime {
			gone := htmlReply(http.StatusGatewayTimeout)
			return Raw{Status: gone.status, Header: gone.header, Body: string(gone.body)}
		}
		if truthy(halt) && b.failed.len() > 0 {
			break
		}
	}
	return b.answer()
}

func (b *batch) answer() Result {
	res := Result{Value: object(
		"result", b.result, "result_error", b.failed, "result_total", b.total, "result_next", b.next, "result_time", b.time,
	)}
	if b.told {
		res.Operating = &b.operating
	}
	return res
}

// command runs the n-th command, counted from 1.
func (b *batch) command(key, text string, n int) {
	if n > batchCommands {
		b.fail(key, "ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
		return
	}
	text, _, _ = strings.Cut(text, "#") // a fragment, to PHP's parse_url
	method, query, _ := strings.Cut(text, "?")
	switch strings.ToLower(method) {
	case batchMethod, "upload", "download":
		b.fail(key, "ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage")
		return
	}
	params, _ := b.replaced(parseQuery(query)).(*array)
	req := &call{secret: b.outer.secret, Request: b.outer.Request}
	req.Time, req.Method, req.RawBody, req.Executed, req.hasStart, req.start = time.Now(), method, nil, false, false, 0
	req.Args = nil
	req.setParams(params)
	b.file(key, b.portal.runInBatch(req))
}

// runInBatch answers a command as a request of its own, but for the limit of requests.
func (p *Portal) runInBatch(req *call) reply {
	p.mu.Lock()
	p.commands = append(p.commands, req)
	fault := p.nextFault(req.Method)
	p.mu.Unlock()
	req.pause(fault.delay)
	var rep reply
	if fault.execute {
		rep = p.answer(req)
		req.pause(fault.answerDelay)
	}
	if fault.own {
		rep = fault.reply
	}
	if fault.reset || fault.cut >= 0 {
		p.report("b24test: a command of a batch has no connection of its own: let the fault meet batch instead of " + req.Method)
	}
	return rep
}

// file puts the answer to a command into the sections.
func (b *batch) file(key string, rep reply) {
	v, err := decodeJSON(rep.body)
	env, ok := v.(*array)
	if err != nil || !ok {
		b.fail(key, "INTERNAL_SERVER_ERROR", "Internal server error")
		return
	}
	if _, failed := env.get("error"); failed {
		env.remove("time")
		b.failed.set(key, env)
		return
	}
	for name, section := range map[string]*array{"result": b.result, "total": b.total, "next": b.next, "time": b.time} {
		if v, ok := env.get(name); ok {
			section.set(key, v)
		}
	}
	if timing, ok := b.time.get(key); ok {
		b.note(timing)
	}
}

// note keeps the largest operating time for the envelope.
func (b *batch) note(timing any) {
	a, ok := timing.(*array)
	if !ok {
		return
	}
	v, ok := a.get("operating")
	if !ok {
		return
	}
	s, err := strconv.ParseFloat(scalar(v), 64)
	if err == nil {
		b.operating, b.told = max(b.operating, s), true
	}
}

func (b *batch) fail(key, code, text string) {
	b.failed.set(key, object("error", code, "error_description", text))
}

// replaced puts the values in place of the references $result[key][path] (protocol.md 4.6).
func (b *batch) replaced(v any) any {
	switch v := v.(type) {
	case *array:
		for _, key := range v.keys {
			v.vals[key] = b.replaced(v.vals[key])
		}
		return v
	case string:
		return b.resolve(v)
	default:
		return v
	}
}

// resolve replaces the references of one text: a whole value by the node, with its type, a part of a text only by text and numbers.
func (b *batch) resolve(s string) any {
	var out strings.Builder
	for rest := s; ; {
		at, section, tail := findReference(rest)
		if at < 0 {
			out.WriteString(rest)
			return out.String()
		}
		end := at + 1 + len(section) + len(tail)
		out.WriteString(rest[:at])
		node, refers := b.walk(section, tail)
		if refers && at == 0 && end == len(s) {
			return node
		}
		switch node.(type) {
		case string, json.Number:
			out.WriteString(scalar(node))
		default:
			out.WriteString(rest[at:end])
		}
		rest = rest[end:]
	}
}

// findReference finds $result, $next, $total, $time or $error in any letter case, and all that follows up to a blank.
func findReference(s string) (at int, section, tail string) {
	for i := range len(s) {
		if s[i] != '$' {
			continue
		}
		for _, name := range []string{"result", "next", "total", "time", "error"} {
			if len(s) > i+len(name) && strings.EqualFold(s[i+1:i+1+len(name)], name) {
				tail := s[i+1+len(name):]
				if blank := strings.IndexAny(tail, " \t\r\n\v\f"); blank >= 0 {
					tail = tail[:blank]
				}
				return i, s[i+1 : i+1+len(name)], tail
			}
		}
	}
	return -1, "", ""
}

// walk goes as far as the path leads. Without a path nothing is referred to.
func (b *batch) walk(section, tail string) (node any, refers bool) {
	sections := map[string]*array{"result": b.result, "next": b.next, "total": b.total, "time": b.time, "error": b.failed}
	if from, ok := sections[section]; ok {
		node = from
	}
	for {
		_, inner, opened := strings.Cut(tail, "[")
		key, after, closed := strings.Cut(inner, "]")
		if !opened || !closed {
			return node, refers
		}
		refers, tail = true, after
		a, ok := node.(*array)
		if !ok {
			continue
		}
		next, ok := a.get(key)
		if !ok || next == nil {
			tail = "" // the deepest node so far is the value
			continue
		}
		node = next
	}
}
