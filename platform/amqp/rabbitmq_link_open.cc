#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "platform/amqp/rabbitmq_link.h"
#include "platform/amqp/reply.h"

namespace amqp {
namespace {

constexpr int kFrameBytesMax = 131072;
constexpr int kChannelsMax = 2;
constexpr absl::Duration kGoodbyeTimeout = absl::Seconds(1);

// A parsed url; its parts point into the text beside them.
struct Address {
  std::vector<char> text;
  amqp_connection_info info;
};

absl::StatusOr<Address> Parse(std::string_view url) {
  Address address;
  address.text.assign(url.begin(), url.end());
  address.text.push_back('\0');
  amqp_default_connection_info(&address.info);
  if (amqp_parse_url(address.text.data(), &address.info) != AMQP_STATUS_OK) {
    return absl::InvalidArgumentError("not an amqp://user:password@host:port/vhost url");
  }
  if (address.info.ssl) return absl::InvalidArgumentError("amqps is not supported");
  if (std::strlen(address.info.vhost) == 0) address.info.vhost = const_cast<char*>("/");
  return address;
}

amqp_table_entry_t Flag(const char* name) {
  amqp_table_entry_t entry{};
  entry.key = amqp_cstring_bytes(name);
  entry.value.kind = AMQP_FIELD_KIND_BOOLEAN;
  entry.value.value.boolean = 1;
  return entry;
}

}  // namespace

absl::Status CheckUrl(std::string_view url) { return Parse(url).status(); }

RabbitmqLink::RabbitmqLink(const LinkOptions& options)
    : state_(amqp_new_connection()),
      reader_(options.body_bytes_max),
      // Often enough to send and to miss heartbeats in time.
      wait_max_(options.heartbeat / 4) {}

RabbitmqLink::~RabbitmqLink() {
  if (!open_) return;
  timeval timeout = absl::ToTimeval(kGoodbyeTimeout);
  amqp_set_rpc_timeout(state_.get(), &timeout);
  amqp_connection_close(state_.get(), AMQP_REPLY_SUCCESS);
}

absl::StatusOr<std::unique_ptr<Link>> Link::Open(const LinkOptions& options) {
  auto link = std::make_unique<RabbitmqLink>(options);
  if (absl::Status connected = link->Connect(options); !connected.ok()) return connected;
  if (absl::Status logged_in = link->Login(options); !logged_in.ok()) return logged_in;
  if (absl::Status opened = link->OpenChannel(); !opened.ok()) return opened;
  return link;
}

absl::Status RabbitmqLink::Connect(const LinkOptions& options) {
  absl::StatusOr<Address> address = Parse(options.url);
  if (!address.ok()) return address.status();
  amqp_socket_t* socket = amqp_tcp_socket_new(state_.get());
  if (socket == nullptr) return absl::UnavailableError("no memory for a socket");
  timeval connect_timeout = absl::ToTimeval(options.connect_timeout);
  const int opened =
      amqp_socket_open_noblock(socket, address->info.host, address->info.port, &connect_timeout);
  if (opened != AMQP_STATUS_OK) {
    return CodeStatus(opened,
                      absl::StrCat("connecting to ", address->info.host, ":", address->info.port));
  }
  return LimitSocketWaits(options);
}

// rabbitmq-c limits the wait for a reply but not that for room to send: 0.11 may
// wait in poll() until TCP gives the connection up, and in send() where the
// socket blocks.
absl::Status RabbitmqLink::LimitSocketWaits(const LinkOptions& options) {
  const int socket = amqp_get_sockfd(state_.get());
  const timeval send_timeout = absl::ToTimeval(options.reply_timeout);
  const int unacknowledged_millis =
      static_cast<int>(absl::ToInt64Milliseconds(options.reply_timeout));
  if (setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &send_timeout, sizeof send_timeout) != 0 ||
      setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_millis,
                 sizeof unacknowledged_millis) != 0) {
    return absl::UnavailableError(
        absl::StrCat("setting the socket's timeouts: ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

absl::Status RabbitmqLink::Login(const LinkOptions& options) {
  absl::StatusOr<Address> address = Parse(options.url);
  if (!address.ok()) return address.status();
  timeval reply_timeout = absl::ToTimeval(options.reply_timeout);
  amqp_set_handshake_timeout(state_.get(), &reply_timeout);
  amqp_set_rpc_timeout(state_.get(), &reply_timeout);

  std::array<amqp_table_entry_t, 4> capabilities{Flag("publisher_confirms"),
                                                 Flag("consumer_cancel_notify"),
                                                 Flag("connection.blocked"), Flag("basic.nack")};
  std::array<amqp_table_entry_t, 2> properties{};
  properties[0].key = amqp_cstring_bytes("capabilities");
  properties[0].value.kind = AMQP_FIELD_KIND_TABLE;
  properties[0].value.value.table = {static_cast<int>(capabilities.size()), capabilities.data()};
  properties[1].key = amqp_cstring_bytes("connection_name");
  properties[1].value.kind = AMQP_FIELD_KIND_UTF8;
  properties[1].value.value.bytes = ToBytes(options.name);
  const amqp_table_t table{static_cast<int>(properties.size()), properties.data()};

  const amqp_rpc_reply_t reply = amqp_login_with_properties(
      state_.get(), address->info.vhost, kChannelsMax, kFrameBytesMax,
      static_cast<int>(absl::ToInt64Seconds(options.heartbeat)), &table, AMQP_SASL_METHOD_PLAIN,
      address->info.user, address->info.password);
  return ReplyStatus(state_.get(), 0, reply, "logging in");
}

absl::Status RabbitmqLink::OpenChannel() {
  amqp_channel_open(state_.get(), kChannel);
  absl::Status opened =
      ReplyStatus(state_.get(), kChannel, amqp_get_rpc_reply(state_.get()), "channel.open");
  open_ = opened.ok();
  return opened;
}

}  // namespace amqp
