#include "transport_layer.hpp"

#include <array>

#include "flow.hpp"
#include "too_large.hpp"
#include "transport_layer_impl.hpp"

namespace phyllo::sip {
namespace {

constexpr std::array<std::string_view, 5> names{"UDP", "TCP", "TLS", "WS", "WSS"};
constexpr std::array<const char*, 5> labels{"udp", "tcp", "tls", "ws", "wss"};

constexpr std::string_view response_start = "SIP/2.0 ";

bool is_response(core::byte_view bytes) { return core::as_text(bytes).starts_with(response_start); }

bool is_final_response(core::byte_view bytes) {
  return is_response(bytes) && bytes.size() > response_start.size() && bytes[response_start.size()] >= '2';
}

}  // namespace

std::string_view name_of(protocol p) noexcept { return names[static_cast<std::size_t>(p)]; }

std::optional<protocol> protocol_of(std::string_view via_transport) noexcept {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (equal_ignoring_case(names[i], via_transport)) return static_cast<protocol>(i);
  return std::nullopt;
}

std::unique_ptr<transport_layer> transport_layer::create(core::environment& env, transport::host& host, transport_options o,
                                                         core::metrics& m, core::logger log) {
  return std::make_unique<transport_layer_impl>(env, host, std::move(o), m, std::move(log));
}

transport_layer_impl::transport_layer_impl(core::environment& env, transport::host& host, transport_options o, core::metrics& m,
                                           core::logger log)
    : env_(env),
      host_(host),
      options_(std::move(o)),
      metrics_(m),
      log_(std::move(log)),
      paced_(m.get_counter("phyllo_sip_paced_total", "Messages of streams after which the stream waited for its source's limit.")),
      // Tokens outlive a process, and must not name a connection of the next one.
      last_flow_(core::random_u64(env)),
      strangers_requests_(options_.strangers_messages_per_second / 5, env.now()),
      strangers_responses_(options_.strangers_messages_per_second / 5, env.now()),
      scope_(env) {
  budget_ = std::make_shared<response_budget>(core::random_hash_key(env), &m.evictions("sip_strangers"), &m.evictions("sip_proven"));
  if (options_.advertised_address.empty())
    if (const auto own = host.candidates(); !own.empty()) options_.advertised_address = own.front().at.address.to_string();
  // RFC 3261 s.25.1: an IPv6 address stands in brackets.
  asio::error_code ec;
  const auto literal = asio::ip::make_address(options_.advertised_address, ec);
  if (!ec && literal.is_v6()) options_.advertised_address = "[" + options_.advertised_address + "]";
  for (const auto p : {protocol::udp, protocol::tcp, protocol::tls, protocol::ws, protocol::wss})
    received_[p] = &metrics_.get_counter("phyllo_sip_messages_total", "SIP messages received, by transport.",
                                         {{"transport", labels[static_cast<std::size_t>(p)]}});
}

std::string transport_layer_impl::sent_by(protocol p) const {
  return options_.advertised_address + ":" + std::to_string(secure(p) ? options_.sips_port : options_.sip_port);
}

core::status transport_layer_impl::send(const destination& to, core::byte_view bytes, std::uint64_t token) {
  if (stopped_) return core::fail(errc::closed);
  const auto flow = connections_.find(to.flow);
  if (flow != connections_.end() && flow->second->ending && !is_response(bytes)) return core::fail(errc::unreachable, "the flow is gone");
  if (flow != connections_.end()) return enqueue(*flow->second, bytes, token);
  if (to.flow_only && to.flow != flow_id::none) return core::fail(errc::unreachable, "the flow is gone");
  if (to.by == protocol::udp) return send_datagram(to.at, bytes);
  const auto c = connection_to(to);
  if (!c) return core::fail(c.error());
  return enqueue(**c, bytes, token);
}

// What a stranger's budget does not hold is dropped: his retransmission, or a proof, brings it after all.
core::status transport_layer_impl::send_datagram(const transport::endpoint& to, core::byte_view bytes) {
  const auto text = core::as_text(bytes);
  if (text.starts_with("SIP/") && !budget_->take(to.address, bytes.size(), text.starts_with("SIP/2.0 1"), env_.now())) {
    metrics_.drop("sip_unproven");
    return {};
  }
  if (!text.starts_with("SIP/") && !host_.may_dial(to) && !budget_->proven(to.address, env_.now())) {
    metrics_.drop("sip_address");
    return core::fail(errc::unreachable, to.text() + " is no address to send requests to from here");
  }
  auto sent = host_.send_sip_datagram(to, bytes);
  if (!sent) return core::fail(errc::unreachable, sent.error().message());
  return {};
}

// Nodes answer STUN on their SIP ports: so they have proved it after one round trip, before a callee's phone has rung.
void transport_layer_impl::ask_to_prove(const transport::endpoint& from) {
  if (budget_->proven(from.address, env_.now()) || !budget_->take(from.address, transport::host::probe_bytes, false, env_.now())) return;
  host_.probe(from, [weak = std::weak_ptr(budget_), &env = env_, &host = host_, from] {
    const auto budget = weak.lock();
    if (!budget) return;
    budget->proved(from.address, env.now());
    host.keep_way(from);
  });
}

void transport_layer_impl::prove(const source& from) {
  if (from.by != protocol::udp) return;
  budget_->proved(from.remote.address, env_.now());
  host_.keep_way(from.remote);
}

core::result<transport_layer_impl::connection_ptr> transport_layer_impl::connection_to(const destination& to) {
  if (to.node) {
    if (const auto known = nodes_.find(*to.node)) return connections_.at(*known);
    auto c = add_node(*to.node, to.at);
    if (c) scope_.spawn(run(*c));
    return c;
  }
  const auto known = reusable_.find(reuse_key(to.by, to.at, to.server_name));
  if (known != reusable_.end()) return connections_.at(known->second);
  if (over_websocket(to.by)) return core::fail(errc::unreachable, "the phone's WebSocket is gone");
  auto c = add(to.by, to.at, to.server_name);
  if (c) scope_.spawn(run(*c));
  return c;
}

transport_layer_impl::connection_ptr transport_layer_impl::make_connection(reuse_key key) {
  auto c = std::make_shared<connection>();
  c->id = flow_id{++last_flow_};
  c->key = std::move(key);
  c->active_at = env_.now();
  c->message_begun = core::time_point::max();
  c->signal = env_.make_timer();
  connections_.emplace(c->id, c);
  return c;
}

core::result<transport_layer_impl::connection_ptr> transport_layer_impl::add(protocol p, const transport::endpoint& remote,
                                                                             std::string server_name) {
  if (connections_.size() - nodes_.size() >= options_.streams_max) return core::fail(errc::overloaded, "too many streams");
  auto c = make_connection(reuse_key(p, remote, std::move(server_name)));
  reusable_[c->key] = c->id;
  return c;
}

// Strangers' streams do not take their room, and nobody but the node itself is reached by them.
core::result<transport_layer_impl::connection_ptr> transport_layer_impl::add_node(const identity::node_id& node,
                                                                                  const transport::endpoint& remote) {
  if (nodes_.size() >= options_.nodes_max) return core::fail(errc::overloaded, "too many supernodes");
  auto c = make_connection(reuse_key(protocol::tls, remote, std::string()));
  c->node = node;
  const auto too_many = nodes_.add(node, c->id);
  if (too_many) close(*connections_.at(*too_many));
  return c;
}

core::status transport_layer_impl::enqueue(connection& c, core::byte_view bytes, std::uint64_t token) {
  if (c.closed) return core::fail(errc::unreachable, "the connection has closed");
  if (c.queued_bytes + bytes.size() > options_.write_queue_bytes_max) {
    metrics_.drop("sip_write_queue_full");
    return core::fail(errc::overloaded, "the connection's write queue is full");
  }
  if (is_final_response(bytes) && c.unanswered > 0) --c.unanswered;
  std::string text(core::as_text(bytes));
  if (c.node && door_ != nullptr && is_response(bytes)) door_->leaving(text, *c.node);
  c.queued_bytes += text.size();
  c.queue.push_back({std::move(text), token});
  c.signal->cancel();
  tell_held(c);
  return {};
}

void transport_layer_impl::on_datagram(const transport::endpoint& from, const transport::endpoint& to, core::byte_view data) {
  // Keep-alives of empty lines hold a NAT's binding open; nothing answers them over UDP.
  if (stopped_ || core::as_text(data).find_first_not_of("\r\n") == std::string_view::npos) return;
  const auto age = host_.datagram_age();
  if (door_ != nullptr) door_->waited(age);
  const bool stranger = !budget_->proven(from.address, env_.now());
  if (stranger && !admits_stranger(data)) return metrics_.drop("sip_strangers_rate");
  source s;
  s.remote = from;
  s.local = to;
  if (stranger) budget_->received(from.address, data.size(), env_.now());
  deliver(data, framing::datagram, s, age);
}

// From forged addresses as many come as a network carries: what reading them costs is bounded, and the rest of the time is our phones'. A
// flood of one kind leaves the other alone.
bool transport_layer_impl::admits_stranger(core::byte_view data) {
  auto& bucket = core::as_text(data).starts_with("SIP/") ? strangers_responses_ : strangers_requests_;
  return bucket.take(options_.strangers_messages_per_second, options_.strangers_messages_per_second / 5, env_.now());
}

// What is refused here costs a small part of what reading it would.
bool transport_layer_impl::enters(std::string_view text, const source& from, core::duration age) {
  if (door_ == nullptr) return true;
  const auto entry = door_->enter(text, from, proven(from), age);
  if (entry == doorkeeper::entry::refused) {
    const auto answer = door_->refusal_of(text);
    destination back;
    back.by = from.by;
    back.at = from.remote;
    back.flow = from.flow;
    back.flow_only = true;
    if (!answer.empty()) static_cast<void>(send(back, core::as_bytes(answer), 0));
  }
  return entry == doorkeeper::entry::admitted;
}

transport_layer_impl::delivered transport_layer_impl::deliver(core::byte_view data, framing f, const source& from, core::duration age) {
  if (!enters(core::as_text(data), from, age)) return delivered::nothing;
  auto m = message::parse(data, f);
  if (!m) {
    const bool too_large = m.error() == errc::too_large;
    metrics_.drop(too_large ? "sip_too_large" : "sip_malformed");
    log_.debug("from {}: {}", from.remote.text(), m.error().message());
    if (too_large) refuse(data, from);
    return delivered::nothing;
  }
  received_[from.by]->add();
  if (m->is_request() && from.by == protocol::udp && m->vias().size() > 1) ask_to_prove(from.remote);  // a proxy's
  if (m->is_request()) m->stamp_received(from.remote);
  const auto what = m->is_request() && m->method() != method::ack ? delivered::request : delivered::response;
  if (user_ != nullptr) user_->on_message(std::move(*m), from);
  return what;
}

void transport_layer_impl::refuse(core::byte_view begun, const source& from) {
  const auto answer = refuse_too_large(core::as_text(begun), from.remote);
  if (answer) (void)send(to_flow(flow_of(from)), core::as_bytes(answer->print()), 0);
}

core::awaitable<void> transport_layer_impl::stop() {
  stopped_ = true;
  user_ = nullptr;
  scope_.cancel();
  co_await scope_.join();
  connections_.clear();
  reusable_.clear();
}

}  // namespace phyllo::sip
