package b24test

import (
	"strconv"
	"strings"
	"time"

	"github.com/b24go/b24/b24test/internal/php"
)

// command3 is one command of a batch.
type command3 struct {
	method string
	query  *php.Array
	alias  string // the key of its result for later commands
	run    Handler
}

// batch answers batch (docs/protocol.md 9.7): the commands run one after the other, and the error
// of the first that fails is the whole answer; the effects of the commands before it remain.
func (r *V3) batch(req Request) (any, error) {
	commands, err := r.commandsOf(req)
	if err != nil {
		return nil, err
	}
	results, found := php.NewArray(), php.NewArray()
	whole := Result{Value: results}
	joined := Pass()
	for _, cmd := range commands {
		fault := r.nextFault(cmd.method)
		fault.reset = fault.reset || fault.isLate && !fault.own
		joined = joined.joined(fault)
		value, spent, err := r.runFaulty(req, cmd, found, fault)
		switch {
		case fault.own || fault.reset:
			raw := fault.reply.raw()
			whole.raw, whole.fault = &raw, &joined
			return whole, nil
		case err != nil:
			return nil, err
		}
		results.Add(value)
		whole.Cost += spent
	}
	whole.fault = &joined
	return whole, nil
}

// nextFault returns the next fault for the method of a command, if any.
func (r *V3) nextFault(method string) Fault {
	r.portal.mu.Lock()
	defer r.portal.mu.Unlock()
	return r.portal.nextFault(method)
}

// runFaulty runs a command with its fault. The answer of a fault is that of the whole batch, as an
// error of a command is.
func (r *V3) runFaulty(req Request, cmd command3, found *php.Array, fault Fault) (value any, cost time.Duration, err error) {
	if !pause(req.ctx, fault.delay) {
		return nil, 0, req.ctx.Err()
	}
	if fault.isLate {
		ctx, later := r.portal.later(req.ctx, fault)
		req.ctx = ctx
		known := found.Clone()
		later(func() { _, _, _ = r.runCommand(req, cmd, known) })
		return nil, 0, nil
	}
	fault.happens()
	if fault.execute {
		value, cost, err = r.runCommand(req, cmd, found)
		pause(req.ctx, fault.answerDelay)
	}
	return value, cost, err
}

// commandsOf reads the commands; all of their methods must exist before the first of them runs.
func (r *V3) commandsOf(req Request) ([]command3, error) {
	list := []command3{}
	aliases := map[string]bool{}
	for _, v := range req.params.All() {
		a, ok := v.(*php.Array)
		if !ok {
			a = php.NewArray()
		}
		method, hasMethod := a.Isset("method")
		query, hasQuery := a.Isset("query")
		if !hasMethod || !hasQuery {
			return nil, invalidSelect(`Each request item must have a "method" and "query" attribute`)
		}
		q, ok := query.(*php.Array)
		if !ok {
			return nil, phpErrorV3("BatchRequestItem::__construct(): Argument #2 ($query) must be of type array")
		}
		cmd := command3{method: php.Text(method), query: q, alias: strconv.Itoa(len(list))}
		if as, ok := a.Isset("as"); ok {
			cmd.alias = php.Text(as)
			if aliases[cmd.alias] && php.Truthy(as) {
				return nil, invalidSelect("You are can not have two aliases with same name: " + cmd.alias)
			}
			aliases[cmd.alias] = true
		}
		list = append(list, cmd)
	}
	for i, cmd := range list {
		if list[i].run = r.find(cmd.method); list[i].run == nil {
			return nil, methodNotFoundV3(cmd.method)
		}
	}
	return list, nil
}

// runCommand runs a command and adds to found what others may refer to.
func (r *V3) runCommand(req Request, cmd command3, found *php.Array) (any, time.Duration, error) {
	if strings.EqualFold(cmd.method, "batch") {
		return nil, 0, phpErrorV3("ControllerBuilder::build(): Argument #1 ($className) must be of type string, null given")
	}
	query, err := replaceRefsV3(cmd.query, found)
	if err != nil {
		return nil, 0, err
	}
	params, ok := query.(*php.Array)
	if !ok {
		return nil, 0, phpErrorV3("HttpRequest::__construct(): Argument #6 ($jsonData) must be of type array")
	}
	inner := req
	inner.Method, inner.params, inner.Params = cmd.method, params, params.PlainMap()
	inner.RawBody = php.AppendJSON(nil, params)
	r.mu.Lock()
	r.commands = append(r.commands, inner)
	r.mu.Unlock()
	returned, err := cmd.run(inner)
	if err = errorOf(returned, err); err != nil {
		return nil, 0, err
	}
	res := resultOf(returned)
	value, err := commandValue(res)
	if err != nil {
		return nil, 0, err
	}
	if a, ok := value.(*php.Array); ok {
		for _, name := range []string{"item", "items"} {
			if v, _ := a.Get(name); php.Truthy(v) {
				found.Set(cmd.alias, v)
				break
			}
		}
	}
	return value, r.portal.cfg.costOf(cmd.method, res), nil
}

// commandValue returns what a batch contains of an answer: the result of a single call.
func commandValue(res Result) (any, error) {
	if res.raw == nil {
		return php.FromGo(res.Value)
	}
	v, err := php.Decode([]byte(res.raw.Body))
	if err != nil {
		return nil, phpErrorV3(err.Error())
	}
	if a, ok := v.(*php.Array); ok {
		if result, ok := a.Get("result"); ok {
			return result, nil
		}
	}
	return v, nil
}

// replaceRefsV3 replaces references to earlier commands by their results.
func replaceRefsV3(v any, found *php.Array) (any, error) {
	a, ok := v.(*php.Array)
	if !ok {
		return v, nil
	}
	if path, ok := a.Isset("$ref"); ok {
		return refV3(path, found)
	}
	if path, ok := a.Isset("$refArray"); ok {
		return refArrayV3(path, found)
	}
	out := php.NewArray()
	out.Object = a.Object
	for k, inner := range a.All() {
		replaced, err := replaceRefsV3(inner, found)
		if err != nil {
			return nil, err
		}
		out.Set(k, replaced)
	}
	return out, nil
}

func refV3(path any, found *php.Array) (any, error) {
	text, ok := path.(string)
	if !ok {
		return nil, phpErrorV3("explode(): Argument #2 ($string) must be of type string")
	}
	var current any = found
	for key := range strings.SplitSeq(text, ".") {
		a, ok := current.(*php.Array)
		if !ok {
			return nil, invalidSelect("Invalid context path '" + text + "' - expected array at '" + key + "'")
		}
		if current, ok = a.Isset(key); !ok {
			return nil, invalidSelect("Path '" + text + "' not found in context")
		}
	}
	return current, nil
}

// refArrayV3 collects a field of all the items at a path.
func refArrayV3(path any, found *php.Array) (any, error) {
	text, ok := path.(string)
	if !ok {
		return nil, invalidSelect("Invalid $refArray value - expected string")
	}
	dot := strings.LastIndexByte(text, '.')
	if dot < 0 {
		return nil, invalidSelect("Invalid $refArray format - expected 'path.to.array.field'")
	}
	at, err := refV3(text[:dot], found)
	if err != nil {
		return nil, err
	}
	items, ok := at.(*php.Array)
	if !ok {
		return nil, invalidSelect("Path '" + text[:dot] + "' must point to an array or iterable")
	}
	list := php.NewArray()
	for _, v := range items.All() {
		item, ok := v.(*php.Array)
		if !ok {
			return nil, invalidSelect("Items in '" + text[:dot] + "' must be arrays or objects")
		}
		field, ok := item.Isset(text[dot+1:])
		if !ok {
			return nil, invalidSelect("Field '" + text[dot+1:] + "' not found in items")
		}
		list.Add(field)
	}
	return list, nil
}
