package rdf

// enter goes one level deeper into nested nodes.
func (p *turtle) enter() error {
	if p.depth++; p.depth > p.opts.MaxDepth {
		return p.errorf(CodeTooDeep, "blank nodes and collections nest deeper than %d levels", p.opts.MaxDepth)
	}
	return nil
}

// propertyList parses "[ … ]" about s and reports whether it says anything.
func (p *turtle) propertyList(s placed) (bool, error) {
	if err := p.enter(); err != nil {
		return false, err
	}
	p.pos++
	p.space()
	filled := p.peek() != ']'
	if filled {
		if err := p.predicateObjectList(s); err != nil {
			return false, err
		}
	}
	if p.peek() != ']' {
		return false, p.expected("',', ';' or ']' after the object")
	}
	p.pos++
	p.depth--
	return filled, nil
}

// collection parses "( … )" and returns its first cell. It calls started with
// that cell before it emits what the collection holds.
func (p *turtle) collection(started func(head Term) error) (Term, error) {
	at := p.here()
	if err := p.enter(); err != nil {
		return Term{}, err
	}
	p.pos++
	var head, cell placed
	for {
		p.space()
		next := placed{Term: termNil, place: p.here()}
		end := p.peek() == ')'
		if !end {
			next.Term = p.newBlank()
		}
		var err error
		if head.IsZero() {
			head = placed{next.Term, at}
			next.place = at
			err = started(head.Term)
		} else {
			err = p.put(cell, termRest, next.Term, next.place)
		}
		if err == nil && !end {
			err = p.object(next, termFirst)
		}
		if err != nil {
			return Term{}, err
		}
		if end {
			p.pos++
			p.depth--
			return head.Term, nil
		}
		cell = next
	}
}
