package main

import (
	"net/http"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	ordersv1 "orderspayments/gen/orders/v1"
	paymentsv1 "orderspayments/gen/payments/v1"
)

// route is one method of one resource.
type route struct {
	method  string
	pattern string
	// rpc is the full gRPC method that answers; "" if the gateway does itself.
	rpc string
	// request is what body, query and path fill.
	request proto.Message
	// keyed tells whether the route honours Idempotency-Key.
	keyed bool
	// success is the HTTP status of a good answer.
	success int
	// events tells whether the answer is a stream of events.
	events bool
	// waits tells whether the answer may be held until the order has settled.
	waits bool
	// location tells where the created resource is; nil if nothing has a place of its own.
	location func(reply proto.Message) string
}

// Reads change nothing, so they may be sent again after a failure.
func (r *route) isRead() bool { return r.method == http.MethodGet }

var ordersRoutes = []*route{
	{
		method: http.MethodPost, pattern: "/orders", success: http.StatusCreated, keyed: true,
		rpc: ordersv1.OrdersService_CreateOrder_FullMethodName, request: &ordersv1.CreateOrderRequest{},
		location: func(reply proto.Message) string { return "/orders/" + reply.(*ordersv1.Order).GetId() },
	},
	{
		method: http.MethodGet, pattern: "/orders", success: http.StatusOK,
		rpc: ordersv1.OrdersService_ListOrders_FullMethodName, request: &ordersv1.ListOrdersRequest{},
	},
	{
		method: http.MethodGet, pattern: "/orders/{id}", success: http.StatusOK,
		rpc: ordersv1.OrdersService_GetOrder_FullMethodName, request: &ordersv1.GetOrderRequest{},
		waits: true,
	},
	{
		method: http.MethodGet, pattern: "/orders/{id}/events", success: http.StatusOK, events: true,
		rpc: ordersv1.OrdersService_WatchOrder_FullMethodName, request: &ordersv1.WatchOrderRequest{},
	},
}

var paymentsRoutes = []*route{
	{
		method: http.MethodPost, pattern: "/accounts", success: http.StatusCreated,
		rpc: paymentsv1.PaymentsService_CreateAccount_FullMethodName, request: &paymentsv1.CreateAccountRequest{},
	},
	{
		method: http.MethodPost, pattern: "/accounts/topup", success: http.StatusOK, keyed: true,
		rpc: paymentsv1.PaymentsService_TopUp_FullMethodName, request: &paymentsv1.TopUpRequest{},
	},
	{
		method: http.MethodGet, pattern: "/accounts/balance", success: http.StatusOK,
		rpc: paymentsv1.PaymentsService_GetBalance_FullMethodName, request: &paymentsv1.GetBalanceRequest{},
	},
	{
		method: http.MethodGet, pattern: "/accounts/transactions", success: http.StatusOK,
		rpc: paymentsv1.PaymentsService_ListTransactions_FullMethodName, request: &paymentsv1.ListTransactionsRequest{},
	},
}

// resource is a path and what can be done with it.
type resource struct {
	routes map[string]*route
	// allow is the value of the Allow header.
	allow string
}

// router finds a resource by its exact path: nothing is cleaned, folded or
// redirected, so a path means one thing to every proxy in front.
type router struct {
	exact map[string]*resource
	// byID holds the resources whose pattern has an "{id}", keyed by the pattern.
	byID map[string]*resource
}

const idSegment = "/{id}"

func newRouter(routes []*route) *router {
	r := &router{exact: map[string]*resource{}, byID: map[string]*resource{}}
	for _, each := range routes {
		table := r.exact
		if strings.Contains(each.pattern, idSegment) {
			table = r.byID
		}
		if table[each.pattern] == nil {
			table[each.pattern] = &resource{routes: map[string]*route{}}
		}
		table[each.pattern].routes[each.method] = each
	}
	for _, table := range []map[string]*resource{r.exact, r.byID} {
		for _, each := range table {
			each.allow = allowedMethods(each)
		}
	}
	return r
}

func allowedMethods(r *resource) string {
	methods := []string{http.MethodOptions}
	for method := range r.routes {
		methods = append(methods, method)
		if method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
	}
	slices.Sort(methods)
	return strings.Join(methods, ", ")
}

// find returns the resource at path, and the id that the path names, if any;
// nil if there is none.
func (r *router) find(path string) (found *resource, id string) {
	if found := r.exact[path]; found != nil {
		return found, ""
	}
	last := strings.LastIndexByte(path, '/')
	if last < 0 || last == len(path)-1 {
		return nil, ""
	}
	if found := r.byID[path[:last]+idSegment]; found != nil {
		return found, path[last+1:]
	}
	before := strings.LastIndexByte(path[:last], '/')
	if before < 0 || before == last-1 {
		return nil, ""
	}
	return r.byID[path[:before]+idSegment+path[last:]], path[before+1 : last]
}

// forMethod returns nil if the method is not allowed. HEAD is GET without a body.
func (r *resource) forMethod(method string) *route {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	return r.routes[method]
}
