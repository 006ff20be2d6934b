// The client half of transaction_layer.
#include <algorithm>
#include <array>

#include "overload_report.hpp"
#include "phyllo/identity/digest.hpp"
#include "transaction_layer_impl.hpp"

namespace phyllo::sip {
namespace {

// s.18.1.1: "If a request is within 200 bytes of the path MTU, or if it is larger than 1300 bytes and the path MTU is
// unknown, the request MUST be sent using an RFC 2914 congestion controlled transport protocol, such as TCP."
constexpr std::size_t datagram_request_max = 1300;

// A response comes from where its request went (RFC 3581 s.4: "the response MUST be sent from the same address and port that [the
// request was] received on"): the branch alone is known to everybody on the way.
bool answers_for(const destination& to, const source& from) {
  if (to.node) return from.peer && from.peer->node() == *to.node;
  if (to.flow != flow_id::none && from.flow == to.flow) return true;
  return reliable(to.by) == reliable(from.by) && from.remote.address == to.at.address;
}

}  // namespace

// RFC 3261 s.8.1.1.7: the magic cookie, then what is unique across space and time; the shard's number comes first.
std::string transaction_layer::impl::make_branch() {
  std::array<std::uint8_t, 13> unique{};
  env.random(unique);
  unique[0] = options.shard;
  return "z9hG4bK" + core::to_hex(unique);
}

// RFC 3261 s.16.11: "the same for retransmissions": computed from the previous hop's Via, so that whoever gets an ACK
// twice sees the same bytes twice.
std::string transaction_layer::impl::stateless_branch(const message& request) {
  const auto previous = request.top_via();
  if (!previous || !previous->has_magic_cookie()) return make_branch();
  const auto text = std::string(previous->branch) + '|' + std::string(previous->host) + '|' + std::to_string(previous->port) + '|' +
                    std::string(previous->received) + '|' + std::string(request.call_id());
  const auto digest = identity::sha256(core::as_bytes(text));
  std::array<std::uint8_t, 13> unique{};
  std::copy_n(digest.begin(), unique.size(), unique.begin());
  unique[0] = options.shard;
  return "z9hG4bK" + core::to_hex(unique);
}

core::result<client_id> transaction_layer::impl::send_request(message request, destination to) {
  if (size() >= options.transactions_max) return core::fail(errc::overloaded, "too many transactions");
  const auto now = env.now();
  const auto id = (++last_id << 1) | 1;
  const bool invite = request.method() == method::invite;
  request.push_via(name_of(to.by), transport.sent_by(to.by), make_branch(), to.node ? overload_offer : std::string_view());
  client c{id, {}, client_transaction(options.timers, reliable(to.by), now), std::move(request), {}, std::move(to), std::nullopt};
  if (invite) c.machine = invite_client_transaction(options.timers, reliable(c.to.by), now);
  c.key = client_key(c.request);
  if (auto sent = transmit(c); !sent) return core::fail(sent.error());
  client_keys.emplace(c.key, id);
  auto& kept = clients.emplace(id, std::move(c)).first->second;
  settle(kept);
  return client_id{id};
}

// The Via names the protocol, so that it is written anew when the protocol changes.
core::status transaction_layer::impl::transmit(client& c) {
  const auto now = env.now();
  const auto rewrite = [&](protocol p) {
    const auto branch = std::string(c.request.top_via()->branch);
    c.request.pop_via();
    c.request.push_via(name_of(p), transport.sent_by(p), branch);
    c.to.by = p;
    std::visit([&]<class Machine>(Machine& m) { m = Machine(options.timers, reliable(p), now); }, c.machine);
  };
  c.bytes = c.request.print();
  if (c.to.by == protocol::udp && c.bytes.size() > datagram_request_max && !c.instead && !c.to.flow_only) {
    c.instead = c.to;
    rewrite(protocol::tcp);
    c.bytes = c.request.print();
  }
  auto sent = transport.send(c.to, core::as_bytes(c.bytes), c.id);
  if (!sent && c.instead && c.to.by == protocol::tcp) {
    c.to = *c.instead;
    rewrite(protocol::udp);
    c.bytes = c.request.print();
    sent = transport.send(c.to, core::as_bytes(c.bytes), c.id);
  }
  if (reliable(c.to.by)) c.bytes.clear();
  return sent;
}

void transaction_layer::impl::retransmit(const client& c) { static_cast<void>(transport.send(c.to, core::as_bytes(c.bytes), c.id)); }

void transaction_layer::impl::on_send_failed(std::uint64_t token, const core::error& why) {
  auto* c = find_client(token);
  if (c == nullptr) return;  // RFC 6026 s.7.1: a server transaction stays as it is
  if (!c->instead || c->to.by != protocol::tcp) return client_failed(*c, why);
  // s.18.1.1: "If an element sends a request over TCP because of these message size constraints, and that request
  // would have otherwise been sent over UDP, if the attempt to establish the connection generates either an ICMP
  // Protocol Not Supported, or results in a TCP reset, the element SHOULD retry the request, using UDP."
  const auto branch = std::string(c->request.top_via()->branch);
  c->to = *c->instead;
  c->request.pop_via();
  c->request.push_via(name_of(protocol::udp), transport.sent_by(protocol::udp), branch);
  const auto now = env.now();
  std::visit([&]<class Machine>(Machine& m) { m = Machine(options.timers, false, now); }, c->machine);
  if (auto sent = transmit(*c); !sent) return client_failed(*c, sent.error());
  settle(*c);
}

void transaction_layer::impl::client_failed(client& c, const core::error& why) {
  const auto id = c.id;
  const bool tell = !c.own_cancel && user != nullptr;
  std::visit([](auto& m) { m.on_transport_error(); }, c.machine);
  settle(c);
  if (tell) user->on_transport_error(client_id{id}, why);
}

void transaction_layer::impl::on_response(message m, const source& from) {
  const auto top = m.top_via();
  const auto by = top ? protocol_of(top->transport) : std::nullopt;
  auto* c = static_cast<client*>(nullptr);
  if (by) {
    const auto at = client_keys.find(client_key(m));
    if (at != client_keys.end()) c = find_client(at->second);
  }
  // RFC 6026 s.7.3: a response without a transaction is not forwarded. s.18.1.2: nor is one whose sent-by is not ours.
  const auto ours = c == nullptr ? std::nullopt : c->request.top_via();
  if (!ours || !equal_ignoring_case(ours->host, top->host) || ours->port != top->port) return metrics.drop("sip_stray_response");
  if (!answers_for(c->to, from)) return metrics.drop("sip_foreign_response");
  transport.prove(from);
  client_response(*c, std::move(m), from);
}

void transaction_layer::impl::client_response(client& c, message response, const source& from) {
  const auto now = env.now();
  const auto id = c.id;
  const auto status = response.status();
  const auto what = std::visit([&](auto& machine) { return machine.on_response(status, now); }, c.machine);
  if (has(what, todo::send_ack)) {
    const auto ack = c.request.follow_up("ACK", &response).print();
    static_cast<void>(transport.send(c.to, core::as_bytes(ack), 0));
  }
  const bool tell = !c.own_cancel && user != nullptr && has(what, todo::pass_up);
  if (status < 200 && c.cancel_wanted) send_cancel(c);
  settle(c);
  if (tell) user->on_response(client_id{id}, std::move(response), from);
}

void transaction_layer::impl::cancel(std::uint64_t id) {
  auto* c = find_client(id);
  if (c == nullptr || !std::holds_alternative<invite_client_transaction>(c->machine)) return;
  const auto state = std::get<invite_client_transaction>(c->machine).state();
  // s.9.1: "If no provisional response has been received, the CANCEL request MUST NOT be sent".
  if (state == transaction_state::calling) c->cancel_wanted = true;
  if (state != transaction_state::proceeding) return;
  send_cancel(*c);
  settle(*c);
}

// A transaction of its own with the INVITE's branch (s.9.1).
void transaction_layer::impl::send_cancel(client& c) {
  c.cancel_wanted = false;
  if (c.cancelled) return;
  c.cancelled = true;
  const auto now = env.now();
  std::get<invite_client_transaction>(c.machine).on_cancelled(now);
  const auto id = (++last_id << 1) | 1;
  client own{id, {}, client_transaction(options.timers, reliable(c.to.by), now), c.request.follow_up("CANCEL"), {}, c.to, std::nullopt};
  own.own_cancel = true;
  own.key = client_key(own.request);
  own.bytes = own.request.print();
  if (!transport.send(own.to, core::as_bytes(own.bytes), id)) return;
  client_keys.emplace(own.key, id);
  settle(clients.emplace(id, std::move(own)).first->second);
}

}  // namespace phyllo::sip
