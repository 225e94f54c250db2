package main

import (
	"maps"
	"slices"
	"sync"

	"github.com/b24go/b24" //nolint:depguard // it soaks the public API
)

// counts counts how operations ended, by kind. It is safe for concurrent use.
type counts struct {
	mu   sync.Mutex
	kind map[string]map[string]int
}

func (c *counts) add(kind, end string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kind == nil {
		c.kind = map[string]map[string]int{}
	}
	if c.kind[kind] == nil {
		c.kind[kind] = map[string]int{}
	}
	c.kind[kind][end]++
}

// kinds returns the kinds in order.
func (c *counts) kinds() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.kind))
}

func (c *counts) of(kind, end string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kind[kind][end]
}

// all returns how many operations ended in this way.
func (c *counts) all(end string) int {
	n := 0
	for _, kind := range c.kinds() {
		if kind != ofCommands {
			n += c.of(kind, end)
		}
	}
	return n
}

// ofCommands is the kind for commands, which are not operations themselves.
const ofCommands = "commands of batches"

// ends returns the columns of the report, with the names of endOf.
func ends() []string { return []string{"ok", "refused", "not sent", "unknown"} }

func endOf(err error) string {
	if err == nil {
		return "ok"
	}
	return b24.OutcomeOf(err).String()
}
