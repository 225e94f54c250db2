package b24

// Priority is who comes first when calls wait for the portal's request rate. See [WithPriority].
type Priority int

const (
	// PriorityInteractive is for calls that somebody waits for. It is the default.
	PriorityInteractive Priority = iota
	// PriorityBackground is for exports, imports and other calls that nobody waits for.
	PriorityBackground
)

// String returns "interactive" or "background".
func (p Priority) String() string {
	switch p {
	case PriorityInteractive:
		return "interactive"
	case PriorityBackground:
		return "background"
	default:
		return "unknown"
	}
}

// badPriority is a Priority that there is not.
const badPriority = 0xff

// WithPriority sets who comes first when calls wait for the portal's request rate. A background
// call is sent only while the portal would accept more than 10 further requests at once, or a fifth
// of the burst if that is less; so an interactive call rarely waits. If no background call was sent
// for 30 s, one is sent as if it was interactive. With [WithStore] this holds across processes.
//
// A batch, a stream or a list uses the priority for all its requests. Another value, and a client
// with its own [Limiter], which knows no priorities, are errors that match [ErrInvalidParams].
func WithPriority(p Priority) CallOption {
	return callOption(func(o *callOptions) {
		o.priority = badPriority
		if p == PriorityInteractive || p == PriorityBackground {
			o.priority = uint8(p) + 1
		}
	})
}

// background reports whether calls leave some of the budget to others.
func (o *callOptions) background() bool { return o.priority == uint8(PriorityBackground)+1 }

// checkPriority refuses a priority that has no meaning.
func (c *client) checkPriority(method string, o *callOptions) error {
	const param = "priority"
	switch {
	case o.priority == 0:
		return nil
	case o.priority == badPriority:
		return &ParamsError{Method: method, Param: param, Problem: "it is not PriorityInteractive or PriorityBackground"}
	case c.limits.own != nil:
		return &ParamsError{Method: method, Param: param, Problem: "WithPriority has no meaning in a client with WithLimiter, whose Limiter knows no priorities"}
	default:
		return nil
	}
}
