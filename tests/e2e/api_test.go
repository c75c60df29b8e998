package e2e

import (
	"fmt"
	"net/url"
	"time"
)

// The API's answers, as clients see them.

type account struct {
	UserID     string    `json:"user_id"`
	Balance    int64     `json:"balance"`
	CreateTime time.Time `json:"create_time"`
}

type balance struct {
	UserID  string `json:"user_id"`
	Balance int64  `json:"balance"`
}

type order struct {
	ID           string    `json:"id"`
	UserID       string    `json:"user_id"`
	Amount       int64     `json:"amount"`
	Description  string    `json:"description"`
	Status       string    `json:"status"`
	CancelReason string    `json:"cancel_reason"`
	CreateTime   time.Time `json:"create_time"`
	UpdateTime   time.Time `json:"update_time"`
}

type orderPage struct {
	Orders        []order `json:"orders"`
	NextPageToken string  `json:"next_page_token"`
}

type transaction struct {
	ID           string    `json:"id"`
	Kind         string    `json:"kind"`
	Amount       int64     `json:"amount"`
	BalanceAfter int64     `json:"balance_after"`
	OrderID      string    `json:"order_id"`
	CreateTime   time.Time `json:"create_time"`
}

type transactionPage struct {
	Transactions  []transaction `json:"transactions"`
	NextPageToken string        `json:"next_page_token"`
}

func (u user) openAccount() account {
	u.t.Helper()
	return call[account](u, "POST", paymentsURL+"/accounts", "{}", 201)
}

func (u user) topUp(amount int64) balance {
	u.t.Helper()
	return call[balance](u, "POST", paymentsURL+"/accounts/topup", fmt.Sprintf(`{"amount":%d}`, amount), 200)
}

func (u user) balance() int64 {
	u.t.Helper()
	return call[balance](u, "GET", paymentsURL+"/accounts/balance", "", 200).Balance
}

func (u user) order(amount int64, description string) order {
	u.t.Helper()
	return call[order](u, "POST", ordersURL+"/orders", fmt.Sprintf(`{"amount":%d,"description":%q}`, amount, description), 201)
}

func (u user) getOrder(id string) order {
	u.t.Helper()
	return call[order](u, "GET", ordersURL+"/orders/"+id, "", 200)
}

// settled waits until the order reaches its end.
func (u user) settled(id string) order {
	u.t.Helper()
	var o order
	eventually(u.t, "order "+id+" settles", func() bool {
		o = u.getOrder(id)
		return o.Status != "NEW"
	})
	return o
}

func (u user) orders(query url.Values) orderPage {
	u.t.Helper()
	return call[orderPage](u, "GET", ordersURL+"/orders?"+query.Encode(), "", 200)
}

// allOrders walks the pages.
func (u user) allOrders(pageSize int, between func()) []order {
	u.t.Helper()
	query := url.Values{"page_size": {fmt.Sprint(pageSize)}}
	var all []order
	for {
		page := u.orders(query)
		all = append(all, page.Orders...)
		if page.NextPageToken == "" {
			return all
		}
		query.Set("page_token", page.NextPageToken)
		between()
	}
}

// ledger walks all entries of the user's account, newest first.
func (u user) ledger() []transaction {
	u.t.Helper()
	query := url.Values{}
	var all []transaction
	for {
		page := call[transactionPage](u, "GET", paymentsURL+"/accounts/transactions?"+query.Encode(), "", 200)
		all = append(all, page.Transactions...)
		if page.NextPageToken == "" {
			return all
		}
		query.Set("page_token", page.NextPageToken)
	}
}
