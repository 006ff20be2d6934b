#include "turn/turn_shell.hpp"

#include "phyllo/stun/binding.hpp"

namespace phyllo::nat {
namespace {

constexpr core::duration idle_client = std::chrono::seconds(60);        // a stream that has no allocation
constexpr core::duration idle_allocation = std::chrono::seconds(3700);  // one that has: its allocation ends first
constexpr core::duration tick = std::chrono::seconds(1);

turn_settings completed(turn_settings s, const transport::doors& host) {
  if (s.relay_addresses.empty()) s.relay_addresses = host.addresses();
  return s;
}

peer_policy::rules rules_of(const turn_settings& s, const transport::doors& host) {
  peer_policy::rules out{host.addresses(), s.denied_peers, s.allowed_peers};
  out.own.insert(out.own.end(), s.relay_addresses.begin(), s.relay_addresses.end());
  return out;
}

}  // namespace

std::unique_ptr<turn_service> turn_service::create(core::environment& env, transport::doors& host, turn_settings settings,
                                                   const turn_credentials& credentials, core::metrics& m) {
  auto out = std::make_unique<turn_shell>(env, host, completed(std::move(settings), host), credentials, m);
  out->start();
  return out;
}

turn_shell::turn_shell(core::environment& env, transport::doors& host, turn_settings settings, const turn_credentials& credentials,
                       core::metrics& m)
    : env_(env),
      host_(host),
      metrics_(m),
      ports_(0, core::keyed_hasher{core::random_hash_key(env)}),
      streams_(0, core::keyed_hasher{core::random_hash_key(env)}),
      full_(env.make_timer()),
      server_(settings, peer_policy(rules_of(settings, host)), credentials, *this, m, turn_keys::random(env)),
      scope_(env) {}

void turn_shell::start() {
  for (auto* port : host_.ports()) ports_.emplace(port->local(), port);
  host_.serve(transport::datagram_kind::turn, this);
  host_.serve(transport::stream_kind::stun, this);
  scope_.spawn(keep_flushing());
  scope_.spawn(keep_time());
}

core::awaitable<void> turn_shell::stop() {
  host_.serve(transport::datagram_kind::turn, nullptr);
  host_.serve(transport::stream_kind::stun, nullptr);
  for (const auto& [tuple, s] : streams_) s->close();
  outbox_.flush();
  scope_.cancel();
  co_await scope_.join();
  relays_.clear();
}

void turn_shell::on_datagram(transport::datagram_port& port, const transport::incoming_datagram& d) {
  const five_tuple from{d.from, port.local(), client_transport::udp};
  if (d.data.front() >= 64) return server_.on_channel_data(from, d.data, env_.now());
  server_.on_message(from, d.data, env_.now(), env_.wall_now());
}

void turn_shell::to_client(const five_tuple& to, core::byte_view data) {
  if (is_stream(to.transport)) {
    const auto s = streams_.find(to);
    if (s == streams_.end() || !s->second->write(data)) metrics_.drop("turn_stream_full");
    return;
  }
  const auto port = ports_.find(to.server);
  if (port != ports_.end()) send(*port->second, to.client, data);
}

void turn_shell::to_peer(relay_number from, const core::endpoint& peer, core::byte_view data, bool) {
  send(*relays_[from]->port, peer, data);
}

void turn_shell::send(transport::datagram_port& by, const core::endpoint& to, core::byte_view data) {
  if (outbox_.put(by, to, data)) full_->cancel();
}

bool turn_shell::open_relay(relay_number n, const core::endpoint& at) {
  if (relays_.size() <= n) relays_.resize(n + 1);
  auto made = std::make_unique<relay>(*this, n);
  auto opened = host_.open_port(at, *made);
  if (!opened) return false;
  made->port = std::move(*opened);
  relays_[n] = std::move(made);
  return true;
}

void turn_shell::close_relay(relay_number n) {
  outbox_.flush();
  relays_[n].reset();
}

core::awaitable<void> turn_shell::keep_flushing() {
  while (true) {  // ends by cancellation
    if (outbox_.empty()) {
      full_->set(core::time_point::max());
      co_await full_->wait();
    }
    outbox_.flush();
  }
}

core::awaitable<void> turn_shell::keep_time() {
  while (true) {  // ends by cancellation
    co_await core::sleep_for(env_, tick);
    server_.at(env_.now());
  }
}

void turn_shell::on_stream(std::unique_ptr<transport::stream> s) {
  auto made = std::make_shared<turn_stream>(env_, std::move(s));
  streams_[made->tuple()] = made.get();
  scope_.spawn(write(made));
  scope_.spawn(serve(std::move(made)));
}

core::awaitable<void> turn_shell::write(std::shared_ptr<turn_stream> s) { co_await s->write_all(); }

core::awaitable<void> turn_shell::serve(std::shared_ptr<turn_stream> s) {
  struct guard {
    turn_shell& shell;
    turn_stream& s;
    ~guard() {
      s.close();
      shell.server_.on_client_gone(s.tuple());
      shell.streams_.erase(s.tuple());
    }
  };
  const guard until_the_end{*this, *s};
  std::function<void(stun::framing::piece)> heard = [this, &s](const stun::framing::piece& p) { on_piece(*s, p); };
  std::function<core::duration()> idle = [this, &s] { return server_.serves(s->tuple()) ? idle_allocation : idle_client; };
  co_await s->read(std::move(heard), std::move(idle));
}

void turn_shell::on_piece(turn_stream& s, const stun::framing::piece& p) {
  if (p.what == stun::framing::event::channel_data) return server_.on_channel_data(s.tuple(), p.data, env_.now());
  const auto m = stun::message::decode(p.data);
  if (!m || m->type != stun::message_type::binding_request) return server_.on_message(s.tuple(), p.data, env_.now(), env_.wall_now());
  if (!s.write(stun::answer_binding(*m, s.tuple().client, std::nullopt))) metrics_.drop("turn_stream_full");
}

}  // namespace phyllo::nat
