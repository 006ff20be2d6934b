#include "transaction_layer_client.hpp"

#include "message_edit.hpp"
#include "message_fields.hpp"
#include "overload_report.hpp"
#include "transaction_branch.hpp"
#include "transaction_key.hpp"

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

core::result<client_id> client_transactions::send_request(message request, destination to) {
  const auto now = parts_.clock.now();
  const auto id = next_id();
  const auto& timers = parts_.options;
  const bool invite = request.method() == method::invite;
  push_via(request, name_of(to.by), parts_.transport.sent_by(to.by), make_branch(parts_.env, parts_.options.shard),
           to.node ? overload_offer : std::string_view());
  client c{id, {}, client_transaction(timers, reliable(to.by), now), std::move(request), {}, std::move(to), std::nullopt};
  if (invite) c.machine = invite_client_transaction(timers, reliable(c.to.by), now);
  c.key = client_key(c.request);
  if (auto sent = transmit(c); !sent) return core::fail(sent.error());
  settle(table_.add(std::move(c)));
  return client_id{id};
}

// The Via names the protocol, so that it is written anew when the protocol changes.
void client_transactions::change_protocol(client& c, protocol p) {
  const auto branch = std::string(top_via(c.request)->branch);
  pop_via(c.request);
  push_via(c.request, name_of(p), parts_.transport.sent_by(p), branch);
  c.to.by = p;
  const auto now = parts_.clock.now();
  std::visit([&]<class Machine>(Machine& m) { m = Machine(parts_.options, reliable(p), now); }, c.machine);
}

core::status client_transactions::transmit(client& c) {
  auto& transport = parts_.transport;
  c.bytes = c.request.print();
  if (c.to.by == protocol::udp && c.bytes.size() > datagram_request_max && !c.instead && !c.to.flow_only) {
    c.instead = c.to;
    change_protocol(c, protocol::tcp);
    c.bytes = c.request.print();
  }
  auto sent = transport.send(c.to, core::as_bytes(c.bytes), c.id);
  if (!sent && c.instead && c.to.by == protocol::tcp) {
    c.to = *c.instead;
    change_protocol(c, protocol::udp);
    c.bytes = c.request.print();
    sent = transport.send(c.to, core::as_bytes(c.bytes), c.id);
  }
  if (reliable(c.to.by)) c.bytes.clear();
  return sent;
}

void client_transactions::retransmit(const client& c) { static_cast<void>(parts_.transport.send(c.to, core::as_bytes(c.bytes), c.id)); }

void client_transactions::on_send_failed(std::uint64_t token, const core::error& why) {
  auto* c = table_.find(token);
  if (c == nullptr) return;  // RFC 6026 s.7.1: a server transaction stays as it is
  if (!c->instead || c->to.by != protocol::tcp) return failed(*c, why);
  // s.18.1.1: "If an element sends a request over TCP because of these message size constraints, and that request
  // would have otherwise been sent over UDP, if the attempt to establish the connection generates either an ICMP
  // Protocol Not Supported, or results in a TCP reset, the element SHOULD retry the request, using UDP."
  c->to = *c->instead;
  change_protocol(*c, protocol::udp);
  if (auto sent = transmit(*c); !sent) return failed(*c, sent.error());
  settle(*c);
}

void client_transactions::failed(client& c, const core::error& why) {
  const auto id = c.id;
  const bool tell = told(c);
  std::visit([](auto& m) { m.on_transport_error(); }, c.machine);
  settle(c);
  if (tell) user_->on_transport_error(client_id{id}, why);
}

void client_transactions::on_response(message m, const source& from) {
  const auto top = top_via(m);
  const auto by = top ? protocol_of(top->transport) : std::nullopt;
  auto* c = by ? table_.find_by_key(client_key(m)) : nullptr;
  // RFC 6026 s.7.3: a response without a transaction is not forwarded. s.18.1.2: nor is one whose sent-by is not ours.
  const auto ours = c == nullptr ? std::nullopt : top_via(c->request);
  if (!ours || !equal_ignoring_case(ours->host, top->host) || ours->port != top->port) return parts_.metrics.drop("sip_stray_response");
  if (!answers_for(c->to, from)) return parts_.metrics.drop("sip_foreign_response");
  parts_.transport.prove(from);
  respond(*c, std::move(m), from);
}

void client_transactions::respond(client& c, message response, const source& from) {
  const auto now = parts_.clock.now();
  const auto id = c.id;
  const auto status = response.status();
  const auto what = std::visit([&](auto& machine) { return machine.on_response(status, now); }, c.machine);
  if (has(what, todo::send_ack)) {
    const auto ack = c.request.follow_up("ACK", &response).print();
    static_cast<void>(parts_.transport.send(c.to, core::as_bytes(ack), 0));
  }
  const bool tell = told(c) && has(what, todo::pass_up);
  if (status < 200 && c.cancel_wanted) send_cancel(c);
  settle(c);
  if (tell) user_->on_response(client_id{id}, std::move(response), from);
}

void client_transactions::cancel(std::uint64_t id) {
  auto* c = table_.find(id);
  if (c == nullptr || !std::holds_alternative<invite_client_transaction>(c->machine)) return;
  const auto state = std::get<invite_client_transaction>(c->machine).state();
  // s.9.1: "If no provisional response has been received, the CANCEL request MUST NOT be sent".
  if (state == transaction_state::calling) c->cancel_wanted = true;
  if (state != transaction_state::proceeding) return;
  send_cancel(*c);
  settle(*c);
}

// A transaction of its own with the INVITE's branch (s.9.1).
void client_transactions::send_cancel(client& c) {
  c.cancel_wanted = false;
  if (c.cancelled) return;
  c.cancelled = true;
  const auto now = parts_.clock.now();
  std::get<invite_client_transaction>(c.machine).on_cancelled(now);
  client own{next_id(), {},          client_transaction(parts_.options, reliable(c.to.by), now), c.request.follow_up("CANCEL"), {},
             c.to,      std::nullopt};
  own.own_cancel = true;
  own.key = client_key(own.request);
  own.bytes = own.request.print();
  if (!parts_.transport.send(own.to, core::as_bytes(own.bytes), own.id)) return;
  settle(table_.add(std::move(own)));
}

void client_transactions::on_timer(std::uint64_t id) {
  const auto now = parts_.clock.now();
  auto* c = table_.find(id);
  if (c == nullptr || c->scheduled > now) return;
  c->scheduled = core::time_point::max();
  const auto what = std::visit([now](auto& m) { return m.on_timer(now); }, c->machine);
  const bool tell = told(*c);
  if (has(what, todo::send)) retransmit(*c);
  if (has(what, todo::timer_c)) send_cancel(*c);
  settle(*c);
  if (!tell) return;
  if (has(what, todo::timer_c)) user_->on_timer_c(client_id{id});
  if (has(what, todo::timed_out)) user_->on_timeout(client_id{id});
}

void client_transactions::settle(client& c) {
  const auto state = std::visit([](const auto& m) { return m.state(); }, c.machine);
  if (state == transaction_state::terminated) return table_.erase(c);
  const auto next = std::visit([](const auto& m) { return m.next_timer(); }, c.machine);
  if (next == c.scheduled || next == core::time_point::max()) return;
  c.scheduled = next;
  parts_.clock.set(next, c.id);
}

}  // namespace phyllo::sip
