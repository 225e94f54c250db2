package b24test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// unknownMethod writes one line into the log of the test for each method that the portal does not
// have. It runs only during a request, and the test ends after [Portal.Close] has waited for those.
func (p *Portal) unknownMethod(req *call) {
	method := req.Method
	key := fmt.Sprint(req.Version, " ", strings.ToLower(method))
	p.mu.Lock()
	told := p.unheard[key]
	p.unheard[key] = true
	p.mu.Unlock()
	if told || p.log == nil {
		return
	}
	handle, define, methods := "Portal.Handle", "Portal.Define", p.methods()
	if req.Version == 3 {
		handle, define, methods = "V3.Handle", "V3.Define", p.v3.methods()
	}
	if near := nearest(method, methods); near != "" {
		p.log(fmt.Sprintf("b24test: the portal has no method %s: did you mean %s? Otherwise add it with %s.", method, near, handle))
		return
	}
	entity, verb := method, ""
	if i := strings.LastIndexByte(method, '.'); i > 0 {
		entity, verb = method[:i], method[i+1:]
	}
	if slices.Contains(strings.Fields("list get add update delete fields"), strings.ToLower(verb)) {
		p.log(fmt.Sprintf("b24test: the portal has no method %s: add it with %s, or its entity with %s(%q).", method, handle, define, entity))
		return
	}
	p.log(fmt.Sprintf("b24test: the portal has no method %s: add it with %s.", method, handle))
}

// methods returns the names of all methods of the classic API.
func (p *Portal) methods() []string {
	p.data.mu.Lock()
	names := slices.Collect(maps.Keys(p.data.methods))
	p.data.mu.Unlock()
	names = slices.AppendSeq(names, maps.Keys(procedures()))
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.AppendSeq(names, maps.Keys(p.handlers))
}
