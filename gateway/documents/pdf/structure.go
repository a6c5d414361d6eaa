package pdf

import (
	"fmt"
	"strings"
)

// element is an element of the structure.
type element struct {
	tag  string
	kids []kid
	ref  int // its object, once numbered
}

// kid is an element, or marked content of a page.
type kid struct {
	element    *element
	page, mark int
}

// number gives every element an object.
func (e *element) number(w *writer) {
	e.ref = w.reserve()
	for _, k := range e.kids {
		if k.element != nil {
			k.element.number(w)
		}
	}
}

// write writes an element and those below it.
func (e *element) write(w *writer, parent int, pages []int) {
	var kids strings.Builder
	for _, k := range e.kids {
		if k.element != nil {
			fmt.Fprintf(&kids, " %d 0 R", k.element.ref)
			continue
		}
		fmt.Fprintf(&kids, " <</Type /MCR /Pg %d 0 R /MCID %d>>", pages[k.page], k.mark)
	}
	w.object(e.ref, fmt.Sprintf("<</Type /StructElem /S /%s /P %d 0 R /K [%s]>>", e.tag, parent, kids.String()))
	for _, k := range e.kids {
		if k.element != nil {
			k.element.write(w, e.ref, pages)
		}
	}
}

// structure writes the tree and gives its root. Each page finds the elements of its marks by its number.
func (d *Document) structure(w *writer, pages []int) int {
	root, parents := w.reserve(), w.reserve()
	d.root.number(w)
	d.root.write(w, root, pages)
	var nums strings.Builder
	for i, p := range d.pages {
		fmt.Fprintf(&nums, "%d [", i)
		for _, e := range p.marks {
			fmt.Fprintf(&nums, "%d 0 R ", e.ref)
		}
		nums.WriteString("] ")
	}
	w.object(parents, "<</Nums ["+nums.String()+"]>>")
	w.object(root, fmt.Sprintf("<</Type /StructTreeRoot /K [%d 0 R] /ParentTree %d 0 R /ParentTreeNextKey %d>>", d.root.ref, parents, len(d.pages)))
	return root
}

// bookmarks writes the outline and gives its root; 0 without bookmarks.
func (d *Document) bookmarks(w *writer, pages []int) int {
	if len(d.outline) == 0 {
		return 0
	}
	root := w.reserve()
	refs := make([]int, len(d.outline))
	for i := range refs {
		refs[i] = w.reserve()
	}
	// Below: the marks of level 1 that follow one of level 0.
	var top []int
	below := map[int][]int{}
	for i, m := range d.outline {
		if m.level == 0 || len(top) == 0 {
			top = append(top, i)
			continue
		}
		below[top[len(top)-1]] = append(below[top[len(top)-1]], i)
	}
	var write func(list []int, parent int)
	write = func(list []int, parent int) {
		for n, i := range list {
			m := d.outline[i]
			var more strings.Builder
			if n > 0 {
				fmt.Fprintf(&more, " /Prev %d 0 R", refs[list[n-1]])
			}
			if n+1 < len(list) {
				fmt.Fprintf(&more, " /Next %d 0 R", refs[list[n+1]])
			}
			if kids := below[i]; len(kids) > 0 {
				fmt.Fprintf(&more, " /First %d 0 R /Last %d 0 R /Count %d", refs[kids[0]], refs[kids[len(kids)-1]], len(kids))
				write(kids, refs[i])
			}
			w.object(refs[i], fmt.Sprintf("<</Title %s /Parent %d 0 R /Dest [%d 0 R /XYZ 0 %s null]%s>>", text(m.title), parent, pages[m.page], number(m.y), more.String()))
		}
	}
	write(top, root)
	w.object(root, fmt.Sprintf("<</Type /Outlines /First %d 0 R /Last %d 0 R /Count %d>>", refs[top[0]], refs[top[len(top)-1]], len(d.outline)))
	return root
}
