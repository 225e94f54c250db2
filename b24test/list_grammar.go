package b24test

import (
	"slices"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// grammar says how a filter is read: which of its keys are conditions, and what the code of a portal behind them makes of a value.
type grammar struct {
	engine    engine
	reading   reading
	operators []string // a longer one before what it begins with; whatever else stands before a name is part of it
	lists     []string // the operators that several values may have, others refuse them; nil: all
	strict    bool     // operators that are not known and keys that are numbers are refused
	blind     bool     // the operator is taken off and forgotten
	groups    groups
	logic     logic
	word      string // the key that joins the conditions of a level otherwise than by AND
}

// groups says what becomes of a key that is a number and holds a level of its own.
type groups int

const (
	groupsKept    groups = iota // it is a group of conditions
	groupsDropped               // it is ignored
)

// logic says where the key grammar.word counts, and for which values.
type logic int

const (
	logicNone    logic = iota // nowhere: it is the name of a field
	logicExact                // everywhere, as it is spelled
	logicCamel                // everywhere, in small letters or with one capital
	logicSnake                // at the top as logicCamel, in groups as it is spelled
	logicInner                // in groups, in any letter case; at the top it is dropped
	logicClassic              // at the top, as it is spelled; the letter case of the value does not matter
	logicTask                 // in groups, as it is spelled; at the top it has to be AND
)

// isLogic tells whether a key joins the conditions of its level.
func (g grammar) isLogic(key string, top bool) bool {
	switch g.logic {
	case logicExact, logicClassic, logicTask:
		return key == g.word
	case logicCamel:
		return phpSnake(key) == g.word
	case logicSnake:
		return key == g.word && !top || phpSnake(key) == g.word && top
	case logicInner:
		return strings.EqualFold(key, g.word)
	default:
		return false
	}
}

// classicGrammar is that of the classic CRM methods: only fields are let through.
func classicGrammar() grammar {
	return grammar{engine: classicSQL, operators: classicOperators(), groups: groupsDropped}
}

// groupGrammar is that of workgroups: the classic one, but for a LOGIC that nobody takes out.
func groupGrammar(operators []string) grammar {
	return grammar{engine: classicSQL, operators: operators, groups: groupsDropped, logic: logicClassic, word: "LOGIC"}
}

// mixedGrammar is that of methods which look for fields as the classic ones do and leave the rest to an ORM.
func mixedGrammar() grammar {
	return grammar{engine: ormSQL, operators: classicOperators(), groups: groupsDropped}
}

// viewGrammar is that of the catalog, and of most that belongs to orders.
func viewGrammar(e engine) grammar {
	return grammar{engine: e, reading: viewValue, operators: classicOperators(), groups: groupsDropped}
}

// ormGrammar is that of methods whose filter reaches an ORM.
func ormGrammar(l logic) grammar {
	return grammar{engine: ormSQL, operators: ormOperators(), logic: l, word: "LOGIC"}
}

// checkedGrammar is that of controllers of the CRM, which check a filter before an ORM gets it.
func checkedGrammar(l logic) grammar {
	g := ormGrammar(l)
	g.lists = []string{"@", "!@", "!=", "=", ""}
	return g
}

// pickedGrammar is that of methods which let known operators through to an ORM, and no groups.
func pickedGrammar(operators string) grammar {
	return grammar{engine: ormSQL, operators: operatorsOf(operators), groups: groupsDropped}
}

// strictGrammar refuses operators and keys that it does not know.
func strictGrammar(e engine, operators string) grammar {
	return grammar{engine: e, operators: operatorsOf(operators), strict: true}
}

// itemGrammar is that of entity.item.get.
func itemGrammar() grammar {
	return grammar{engine: entitySQL, operators: operatorsOf(pickedOperators), logic: logicInner, word: "LOGIC"}
}

// taskGrammar is that of tasks.task.list.
func taskGrammar() grammar {
	operators := []string{"=", "!=", "%", "!%", "?", "><", "!><", ">=", ">", "<=", "<", "!", "@"}
	return grammar{engine: taskSQL, operators: operators, logic: logicTask, word: "::LOGIC"}
}

// pickedOperators are those that the older modules let through.
const pickedOperators = "! < <= > >= >< !>< ? = != % !%"

func classicOperators() []string {
	return operatorsOf("!>= !<= !=% !%= >= <= =% %= != !> !< !@ !% !? > < @ % ? = !")
}

func ormOperators() []string { return operatorsOf("!>< !=% !%= != !% !@ >< >= <= =% %= = % ? > < ! @") }

// operatorsOf are the words of a text, a longer one before what it begins with.
func operatorsOf(words string) []string {
	list := strings.Fields(words)
	slices.SortStableFunc(list, func(a, b string) int { return len(b) - len(a) })
	return list
}

// split takes the operator off a filter key: ">=ID" is ">=" and "ID".
func (g grammar) split(key string) (op, name string) {
	for _, op := range g.operators {
		if name, ok := strings.CutPrefix(key, op); ok {
			return op, name
		}
	}
	return "", key
}

// strange is what stands before the first letter of a name: an operator that is not known, or a number.
func strange(name string) string {
	return name[:len(name)-len(strings.TrimLeft(name, "!=<>@%?*+-~#$^&|:;,./\\ 0123456789"))]
}

// checkList refuses several values where the method does.
func (g grammar) checkList(op, key string, value any) error {
	if g.lists == nil || !php.IsArray(value) || slices.Contains(g.lists, op) {
		return nil
	}
	return badRequest("INVALID_ARG_VALUE", "Invalid filter: field '"+key+"' has invalid value")
}

// isGroup tells whether a key holds a level of its own.
func (g grammar) isGroup(key string) bool {
	if strings.HasPrefix(key, "::SUBFILTER-") {
		return g.logic == logicTask
	}
	return isGroup(key)
}

// isGroup tells whether a key is a number.
func isGroup(key string) bool {
	_, ok := php.Index(key)
	return ok
}
