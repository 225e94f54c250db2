package b24test

import (
	"strconv"
	"strings"
	"time"
)

// command3 is one command of a batch.
type command3 struct {
	method string
	query  *array
	alias  string // the key of its result to the commands behind it
	run    Handler
}

// batchV3 answers batch (protocol.md 9.7): the commands run one after the other, and the first that fails makes its error the whole answer;
// what the commands before it did stays done.
func (p *Portal) batchV3(req Request) (any, error) {
	commands, err := p.commandsV3(req)
	if err != nil {
		return nil, err
	}
	results, found := newArray(), newArray()
	var cost time.Duration
	for _, cmd := range commands {
		value, spent, err := p.runCommand(req, cmd, found)
		if err != nil {
			return nil, err
		}
		results.add(value)
		cost += spent
	}
	return Result{Value: results, Cost: cost}, nil
}

// commandsV3 reads the commands; all of their methods must exist before the first of them runs.
func (p *Portal) commandsV3(req Request) ([]command3, error) {
	list := []command3{}
	aliases := map[string]bool{}
	for _, v := range req.params.all() {
		a, ok := v.(*array)
		if !ok {
			a = newArray()
		}
		method, hasMethod := issetV3(a, "method")
		query, hasQuery := issetV3(a, "query")
		if !hasMethod || !hasQuery {
			return nil, invalidSelect(`Each request item must have a "method" and "query" attribute`)
		}
		q, ok := query.(*array)
		if !ok {
			return nil, phpErrorV3("BatchRequestItem::__construct(): Argument #2 ($query) must be of type array")
		}
		cmd := command3{method: scalar(method), query: q, alias: strconv.Itoa(len(list))}
		if as, ok := issetV3(a, "as"); ok {
			cmd.alias = scalar(as)
			if aliases[cmd.alias] && truthy(as) {
				return nil, invalidSelect("You are can not have two aliases with same name: " + cmd.alias)
			}
			aliases[cmd.alias] = true
		}
		list = append(list, cmd)
	}
	for i, cmd := range list {
		if list[i].run = p.findV3(cmd.method); list[i].run == nil {
			return nil, methodNotFoundV3(cmd.method)
		}
	}
	return list, nil
}

// runCommand runs a command and puts what others may refer to into found.
func (p *Portal) runCommand(req Request, cmd command3, found *array) (any, time.Duration, error) {
	if strings.EqualFold(cmd.method, "batch") {
		return nil, 0, phpErrorV3("ControllerBuilder::build(): Argument #1 ($className) must be of type string, null given")
	}
	query, err := replaceRefsV3(cmd.query, found)
	if err != nil {
		return nil, 0, err
	}
	params, ok := query.(*array)
	if !ok {
		return nil, 0, phpErrorV3("HttpRequest::__construct(): Argument #6 ($jsonData) must be of type array")
	}
	inner := req
	inner.Method, inner.params, inner.Params = cmd.method, params, params.plainMap()
	inner.RawBody = appendPHP(nil, params)
	p.rest3.mu.Lock()
	p.rest3.commands = append(p.rest3.commands, inner)
	p.rest3.mu.Unlock()
	returned, err := cmd.run(inner)
	if err = errorOf(returned, err); err != nil {
		return nil, 0, err
	}
	res := resultOf(returned)
	value, err := commandValue(res)
	if err != nil {
		return nil, 0, err
	}
	if a, ok := value.(*array); ok {
		for _, name := range []string{"item", "items"} {
			if v, _ := a.get(name); truthy(v) {
				found.set(cmd.alias, v)
				break
			}
		}
	}
	return value, p.cfg.costOf(cmd.method, res), nil
}

// commandValue is what of an answer stands in a batch: what is a single call's result.
func commandValue(res Result) (any, error) {
	if res.raw == nil {
		return toPHP(res.Value)
	}
	v, err := decodeJSON([]byte(res.raw.Body))
	if err != nil {
		return nil, phpErrorV3(err.Error())
	}
	if a, ok := v.(*array); ok {
		if result, ok := a.get("result"); ok {
			return result, nil
		}
	}
	return v, nil
}

// replaceRefsV3 puts the results of earlier commands in the place of references to them.
func replaceRefsV3(v any, found *array) (any, error) {
	a, ok := v.(*array)
	if !ok {
		return v, nil
	}
	if path, ok := issetV3(a, "$ref"); ok {
		return refV3(path, found)
	}
	if path, ok := issetV3(a, "$refArray"); ok {
		return refArrayV3(path, found)
	}
	out := newArray()
	out.object = a.object
	for k, inner := range a.all() {
		replaced, err := replaceRefsV3(inner, found)
		if err != nil {
			return nil, err
		}
		out.set(k, replaced)
	}
	return out, nil
}

func refV3(path any, found *array) (any, error) {
	text, ok := path.(string)
	if !ok {
		return nil, phpErrorV3("explode(): Argument #2 ($string) must be of type string")
	}
	var current any = found
	for key := range strings.SplitSeq(text, ".") {
		a, ok := current.(*array)
		if !ok {
			return nil, invalidSelect("Invalid context path '" + text + "' - expected array at '" + key + "'")
		}
		if current, ok = issetV3(a, key); !ok {
			return nil, invalidSelect("Path '" + text + "' not found in context")
		}
	}
	return current, nil
}

// refArrayV3 collects a field of all the items at a path.
func refArrayV3(path any, found *array) (any, error) {
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
	items, ok := at.(*array)
	if !ok {
		return nil, invalidSelect("Path '" + text[:dot] + "' must point to an array or iterable")
	}
	list := newArray()
	for _, v := range items.all() {
		item, ok := v.(*array)
		if !ok {
			return nil, invalidSelect("Items in '" + text[:dot] + "' must be arrays or objects")
		}
		field, ok := issetV3(item, text[dot+1:])
		if !ok {
			return nil, invalidSelect("Field '" + text[dot+1:] + "' not found in items")
		}
		list.add(field)
	}
	return list, nil
}
