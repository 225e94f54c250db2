package b24test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test/internal/php"
)

// positional reports whether the method takes its arguments by order of arrival.
func (c *call) positional() bool {
	if c.Version != 2 {
		return false
	}
	parts := strings.Split(strings.ToLower(c.Method), ".")
	return len(parts) > 2 && parts[0] == "task" && slices.Contains([]string{"commentitem", "checklistitem", "elapseditem", "item"}, parts[1])
}

// places returns the values of the parameters in order; the server skips a text that holds the
// method's own name.
func (r Request) places() []any {
	args := []any{}
	for _, v := range r.params.All() {
		if s, ok := v.(string); ok && strings.Contains(s, strings.ToLower(r.Method)) {
			continue
		}
		args = append(args, v)
	}
	if len(args) > 0 && php.IsArray(args[0]) && strings.EqualFold(r.Method, "task.elapseditem.getlist") {
		args = append([]any{php.Number(0)}, args...) // without a task, of all tasks
	}
	return args
}

func (c *call) arguments() []any {
	args := c.places()
	for i, v := range args {
		args[i] = php.Plain(v)
	}
	return args
}

// checkArguments refuses a first argument of the wrong kind: it must be the task's id, or a list or
// map for task.item.list and task.item.add.
func (c *call) checkArguments() error {
	parts := strings.Split(strings.ToLower(c.Method), ".")
	if parts[2] == "getmanifest" || parts[2] == "userfield" {
		return nil // these take no arguments
	}
	target := "ctask" + parts[1] + "::" + parts[2] + "()"
	name, kind := "taskId", "integer"
	switch strings.ToLower(c.Method) {
	case "task.item.list", "task.item.getlist":
		name, kind = "arOrder", "array"
	case "task.item.add":
		name, kind = "arNewTaskData", "array"
	}
	switch {
	case len(c.Args) == 0 && (name == "arOrder" || strings.EqualFold(c.Method, "task.elapseditem.getlist")):
		return nil
	case len(c.Args) == 0:
		return wrongArguments(fmt.Sprintf("Param #0 (%s) expected by method %s, but not given.", name, target))
	case kind == "integer" && !isInteger(c.Args[0]), kind == "array" && !isArray(c.Args[0]):
		return wrongArguments(fmt.Sprintf("Param #0 (%s) for method %s expected to be of type %q, but given something else.", name, target, kind))
	}
	return nil
}

func wrongArguments(text string) error {
	return &b24.Error{
		Code:        "ERROR_CORE",
		Description: "TASKS_ERROR_EXCEPTION_#256; " + text + "; 256/TE/WRONG_ARGUMENTS<br>",
		Status:      400,
	}
}

// wrongKey returns the error for a key that a list does not know in its filter or order.
func wrongKey(key string) error {
	return wrongArguments(fmt.Sprintf("Key %q is not allowed", key))
}

func isInteger(v any) bool {
	var s string
	switch v := v.(type) {
	case json.Number:
		s = v.String()
	case string:
		s = v
	}
	_, ok := php.Index(s)
	return ok
}

func isArray(v any) bool {
	switch v.(type) {
	case []any, map[string]any:
		return true
	}
	return false
}
