package b24

import (
	"maps"
	"slices"
)

// Command is one call of a batch.
type Command struct {
	// Name is what the result is found by; empty: its position. It must be unique
	// in a batch. Errors repeat it: one that holds a webhook's secret is refused.
	Name string
	// Method is the method to call. batch, upload and download are refused.
	Method string
	// Params are the parameters, as CallMethod takes them.
	Params any
}

// Calls is what a batch consists of: Commands, NamedCommands or a *Batch.
type Calls interface {
	commands() ([]Command, error)
}

// Commands is a batch in the order of the slice.
type Commands []Command

func (c Commands) commands() ([]Command, error) { return c, nil }

// NamedCommands is a batch by names. It runs in the order of the names; the
// field Name of a Command is not looked at.
type NamedCommands map[string]Command

func (c NamedCommands) commands() ([]Command, error) {
	list := make([]Command, 0, len(c))
	for _, name := range slices.Sorted(maps.Keys(c)) {
		if name == "" {
			return nil, &ParamsError{Method: "batch", Problem: "a command's name is empty"}
		}
		command := c[name]
		command.Name = name
		list = append(list, command)
	}
	return list, nil
}
