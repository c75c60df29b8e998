package rig

import (
	"golang.org/x/sync/errgroup"

	"orderspayments/tests/support"
)

// postersMax is how many orders of PlaceOrders are under way at the same time.
const postersMax = 16

// PlaceOrders makes an order of each amount for the user, several at the same time, at all
// copies in turn. All must be accepted. It must be called on the test's goroutine.
func (s *System) PlaceOrders(user string, amounts ...int64) []support.Order {
	s.t.Helper()
	urls := s.Orders.URLs()
	placed := make([]support.Order, len(amounts))
	var posts errgroup.Group
	posts.SetLimit(postersMax)
	for i, amount := range amounts {
		posts.Go(func() (err error) {
			placed[i], err = support.PostOrder(s.t.Context(), urls[i%len(urls)], user, amount)
			return err
		})
	}
	if err := posts.Wait(); err != nil {
		s.t.Fatal(err)
	}
	return placed
}
