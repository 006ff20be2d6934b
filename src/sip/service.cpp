// Assembles the tier: transport, transactions, registrar and proxy, behind the limits on what one source may send.
#include "phyllo/sip/service.hpp"

#include <algorithm>
#include <utility>

#include "authenticator.hpp"
#include "domain_secrets.hpp"
#include "host_name.hpp"
#include "host_names.hpp"
#include "overload_guard.hpp"
#include "own_names.hpp"
#include "proxy.hpp"
#include "registrar.hpp"
#include "server_location.hpp"
#include "shard_transport.hpp"
#include "source_rates.hpp"
#include "transaction_layer.hpp"
#include "transport_layer.hpp"
#include "trust_domain.hpp"
#include "trusted_headers.hpp"

namespace phyllo::sip {
namespace {

transport_options transport_options_of(const service_options& o) {
  transport_options t;
  t.advertised_address = o.advertised_address;
  t.ports = o.ports;
  t.rates = o.rates;
  t.shard = o.shard;
  t.tls.anchors_pem = o.anchors_pem;
  return t;
}

// What a service does for all sources together, it does for its part of them.
service_options part_of(service_options o) {
  if (!o.shards) return o;
  const auto shards = o.shards->inside().size();
  o.rates.strangers_messages_per_second /= shards;
  o.transactions.transactions_max = std::max(1U, o.transactions.transactions_max / shards);
  return o;
}

std::unique_ptr<transport_layer> make_transport(core::environment& env, transport::doors& doors, const service_options& o,
                                                shard_transport::user_finder user_of, core::metrics& m, const core::logger& log) {
  auto own = transport_layer::create(env, doors, transport_options_of(o), m, log);
  if (!o.shards) return own;
  return std::make_unique<shard_transport>(env, o.shards, o.shard, std::move(own), std::move(user_of), m);
}

transaction_options transaction_options_of(const service_options& o) {
  transaction_options t{o.transactions};
  t.shard = o.shard;
  return t;
}

domain_secrets first_secrets(core::environment& env, const service_options& o) {
  return o.shards ? o.shards->inside().secrets : domain_secrets(env, o.domains);
}

// Whose bindings are this shard's.
bool is_home(const service_options& o, const std::string& user) { return !o.shards || o.shards->inside().home_of(user) == o.shard; }

std::string without_port(const std::string& sent_by) { return sent_by.substr(0, sent_by.rfind(':')); }

own_names names_of(const service_options& o, const transport_layer& transport, const transport::doors& doors) {
  own_names n;
  n.domains = o.domains;
  n.sip_port = o.ports.sip;
  n.sips_port = o.ports.sips;
  n.other_ports = {o.ports.https, o.ports.http, o.ports.reload, o.ports.stun};
  n.is_supernode = o.is_supernode;
  n.hosts = o.host_names;
  n.addresses.push_back(without_port(transport.sent_by(protocol::udp)));
  for (const auto& a : doors.addresses()) {
    const auto text = without_port(transport::endpoint(a, 0).text());
    if (std::ranges::find(n.addresses, text) == n.addresses.end()) n.addresses.push_back(text);
  }
  return n;
}

asio::ip::address own_address(const own_names& n) {
  for (const auto& text : n.addresses) {
    if (const auto a = host_address(text)) return *a;
  }
  return {};
}

location_self self_of(const service_options& o, const own_names& n) {
  location_self s;
  s.node = o.self;
  s.address = n.addresses.front();
  s.transports = {"UDP" + std::to_string(o.ports.sip), "TCP" + std::to_string(o.ports.sip)};
  if (o.ports.sips != 0) s.transports.push_back("TLS" + std::to_string(o.ports.sips));
  return s;
}

std::unique_ptr<transport::resolver> make_resolver(core::environment& env, const service_options& o, const core::logger& log) {
  transport::resolver_options dns;
  dns.servers = o.dns_servers;
  auto made = transport::resolver::create(env, dns);
  if (made) return std::move(*made);
  log.error("{}; the system's DNS servers are asked instead", made.error().message());
  dns.servers.clear();
  made = transport::resolver::create(env, dns);
  if (made) return std::move(*made);
  log.error("{}; no name of a next hop is looked up until the next start", made.error().message());
  return transport::resolver::none(env);
}

// Reasons exist at zero before the first drop.
void declare_drops(core::metrics& m) {
  for (const auto* reason :
       {"sip_source_rate",        "sip_strangers_rate",     "sip_credentials",      "sip_foreign_nonce",     "sip_weak_digest",
        "sip_overload_old",       "sip_overload_neighbour", "sip_overload_answers", "sip_overload_requests", "sip_overload_strangers",
        "sip_guesses_of_address", "sip_guesses_at_user",    "sip_stray_ack",        "sip_unroutable_ack",    "sip_stray_response",
        "sip_foreign_response",   "sip_unproven",           "sip_insecure_way",     "sip_callee_calls",      "sip_caller_calls",
        "sip_shard_full"}) {
    m.get_counter("phyllo_dropped_total", "What was dropped, by reason.", {{"reason", reason}});
  }
}

// A connection lasts longer than what was known of its node when it began: whose certificate has ended, or was revoked, is a stranger.
source believed(source from, const identity::trust* trust, core::wall_time now) {
  if (from.peer && (trust == nullptr || !trust->check(*from.peer, now))) from.peer.reset();
  return from;
}

struct place_among_shards {
  std::shared_ptr<shard_exchange> shards;  // null: there is one
  unsigned index;
};

class node_service final : public service, private transaction_user {
 public:
  node_service(core::environment& env, const service_options& o, transport::doors& doors, overlay::overlay& overlay, secret_source secrets,
               core::metrics& m, const core::logger& log)
      : env_(env),
        place_{o.shards, o.shard},
        secrets_(std::move(secrets)),
        transport_(make_transport(
            env, doors, o, [this](const uri& u) { return own_.user_of(u); }, m, log.of("sip"))),
        transactions_(env, *transport_, transaction_options_of(o), m, log.of("sip")),
        dns_(make_resolver(env, o, log)),
        servers_(env, *dns_),
        own_(names_of(o, *transport_, doors)),
        hosts_(env, *dns_, [this](const asio::ip::address& a) { return own_.is_node(a.to_string()); }),
        trusted_(o.peers, o.domains),
        headers_(o.trusted_headers),
        keys_(first_secrets(env, o)),
        sealer_(keys_),
        trust_(o.trust),
        authenticator_(env, o, own_, keys_, secrets_, m, log.of("sip.digest")),
        registrar_({env, own_, authenticator_, sealer_, overlay, transactions_, m}, o, self_of(o, own_), log.of("sip.registrar")),
        proxy_({env, own_, hosts_, authenticator_, sealer_, overlay, secrets_, transactions_, servers_, trusted_, headers_, m}, o,
               own_address(own_), log.of("sip.proxy")),
        sources_(env, o, trusted_, m),
        door_(
            env,
            [this](const std::string& realm, std::string_view nonce, const source& from) {
              return authenticator_.challenged(realm, nonce, from);
            },
            [&doors](const sip_shares& s) { return doors.shed(unread_rule, {.unmarked = s.first, .marked = s.answering}); }, m,
            log.of("sip.overload")),
        scope_(env) {
    own_.is_found = [this](const std::string& name) { return hosts_.known(name); };
    if (o.keys) keys_.replace(*o.keys);
    transactions_.observe(this);
    transport_->keep_door(&door_);
    transport_->pace_streams([this](const source& from) { return sources_.pace(from); });
    transport_->limit_datagrams([this](const asio::ip::address& from) { return sources_.admits(from); });
    scope_.spawn(door_.watch());
    declare_drops(m);
    static_cast<void>(passed_on_counter(m));
    const auto own = [&o](const std::string& user) { return is_home(o, user); };
    registrar_.restore(o.bindings, own);
    authenticator_.users_of_better().restore(o.bindings, own);
    registrar_.start();
    proxy_.start();
  }

  void on_datagram(transport::datagram_port& port, const transport::incoming_datagram& d) override { transport_->on_datagram(port, d); }

  void on_stream(std::unique_ptr<transport::stream> s) override { transport_->on_stream(std::move(s)); }

  void on_websocket(std::unique_ptr<transport::websocket> w) override { transport_->on_websocket(std::move(w)); }

  void limit_sources(double messages_per_second, double burst) override { sources_.limit(messages_per_second, burst); }

  void name_hosts(std::vector<std::string> host_names) override { own_.hosts = std::move(host_names); }

  void replace_keys(std::shared_ptr<const identity::domain_keyring> keys) override { keys_.replace(*keys); }

  void withdraw_users(const std::function<bool(const std::string& user)>& gone) override {
    for (const auto flow : registrar_.withdraw(gone)) transport_->close_flow(flow);
    authenticator_.users_of_better().forget(gone);
  }

  kept_bindings take_bindings(bool anew) override {
    auto& better = authenticator_.users_of_better();
    auto changes = registrar_.take_changes(anew || better.whole_due());
    return {changes.text + better.take_changes(changes.whole), changes.whole};
  }

  core::awaitable<void> drain(core::time_point deadline) override {
    registrar_.drain();
    proxy_.drain();
    while (env_.now() < deadline && registrar_.busy() + proxy_.busy() > 0) co_await core::sleep_for(env_, std::chrono::milliseconds(20));
  }

  core::awaitable<void> stop() override {
    transactions_.observe(nullptr);
    dns_->stop();
    co_await hosts_.stop();
    co_await proxy_.stop();
    co_await registrar_.stop();
    co_await transactions_.stop();
    co_await transport_->stop();
    scope_.cancel();
    co_await scope_.join();
  }

  [[nodiscard]] service_status status() const override {
    service_status s;
    s.bindings = registrar_.bindings();
    s.calls = calls();
    s.transactions = transactions_.size();
    return s;
  }

 private:
  // Of several shards the first counts them all.
  [[nodiscard]] std::size_t calls() const {
    if (!place_.shards) return proxy_.calls();
    return place_.index == 0 ? place_.shards->inside().calls.size() : 0;
  }

  void on_request(server_id id, std::shared_ptr<const message> request, const source& from) override {
    if (request->method() == method::register_)
      return registrar_.on_request(id, std::move(request), believed(from, trust_, env_.wall_now()));
    proxy_.on_request(id, std::move(request), believed(from, trust_, env_.wall_now()));
  }
  void on_cancel(server_id cancel, server_id invite, std::shared_ptr<const message>, const source&) override {
    proxy_.on_cancel(cancel, invite);
  }
  void on_ack(message ack, const source& from) override { proxy_.on_ack(std::move(ack), believed(from, trust_, env_.wall_now())); }
  void on_response(client_id id, message response, const source& from) override {
    proxy_.on_response(id, std::move(response), believed(from, trust_, env_.wall_now()));
  }
  void on_timeout(client_id id) override { proxy_.on_failure(id, 408); }
  void on_transport_error(client_id id, const core::error&) override { proxy_.on_failure(id, 503); }
  void on_timer_c(client_id id) override { proxy_.on_timer_c(id); }
  void on_server_ended(server_id id) override { proxy_.on_server_ended(id); }
  void on_flow_closed(flow_id flow) override { registrar_.on_flow_closed(flow); }

  core::environment& env_;
  place_among_shards place_;
  secret_source secrets_;
  std::unique_ptr<transport_layer> transport_;
  transaction_layer transactions_;
  std::unique_ptr<transport::resolver> dns_;
  server_location servers_;
  own_names own_;
  host_names hosts_;
  trust_domain trusted_;
  trusted_headers headers_;
  domain_secrets keys_;
  token_sealer sealer_;
  const identity::trust* trust_;
  authenticator authenticator_;
  registrar registrar_;
  proxy proxy_;
  source_rates sources_;
  overload_guard door_;
  core::task_scope scope_;
};

}  // namespace

std::unique_ptr<service> service::create(core::environment& env, service_options o, transport::doors& doors, overlay::overlay& overlay,
                                         secret_source secrets, core::metrics& m, core::logger log) {
  return std::make_unique<node_service>(env, part_of(std::move(o)), doors, overlay, std::move(secrets), m, log);
}

}  // namespace phyllo::sip
