// From an open host to a ready node: document, certificate, peer, services, ring.
#include <fmt/format.h>

#include <set>

#include "account_options.hpp"
#include "backoff.hpp"
#include "bindings_file.hpp"
#include "document_file.hpp"
#include "incarnation.hpp"
#include "known_peers.hpp"
#include "overlay_node.hpp"
#include "phyllo/enrollment/domain_keys.hpp"

namespace phyllo::node {
namespace {

constexpr auto join_attempt = std::chrono::seconds(30);
constexpr auto rejoin_attempt = std::chrono::seconds(8);
constexpr auto list_within = std::chrono::seconds(3);
constexpr auto list_lasts = std::chrono::seconds(10);
constexpr auto local_answers_within = std::chrono::milliseconds(300);

overlay::peer_options peer_options_of(const configuration& c, const identity::configuration& document, bool first) {
  overlay::peer_options o;
  o.leaf_set = c.overlay.leaf_set;
  o.digit_bits = c.overlay.digit_bits;
  o.replicas = c.overlay.replicas;
  o.neighborhood = c.overlay.neighborhood;
  o.heartbeat = c.overlay.heartbeat;
  o.records_max = c.overlay.records_max;
  o.record_bytes_max = c.overlay.record_bytes_max;
  o.publish_certificate = true;
  o.first = first;
  o.client = c.node.role == "ordinary";
  o.initial_ttl = document.initial_ttl;
  o.end_to_end_timer = std::chrono::milliseconds(document.overlay_reliability_timer_ms);
  return o;
}

sip::service_options sip_options_of(const configuration& c, std::vector<std::string> anchors_pem, identity::node_id self) {
  sip::service_options o;
  o.domains = c.node.domains;
  o.anchors_pem = std::move(anchors_pem);
  o.digests = c.sip.digest_policy == "require" ? sip::digest_policy::require : sip::digest_policy::adapt;
  o.wrong_passwords_per_minute = c.sip.wrong_passwords_per_minute;
  o.nonce_lifetime = c.sip.nonce_lifetime;
  o.expires_min = c.sip.expires_min;
  o.expires_default = c.sip.expires_default;
  o.expires_max = c.sip.expires_max;
  o.expires_flow = c.sip.expires_flow;
  o.flow_timer = c.sip.flow_timer;
  o.contacts_max = c.sip.contacts_max;
  o.authenticate_calls = c.sip.authenticate_calls;
  o.stranger_methods = c.sip.stranger_methods;
  o.stranger_answer = static_cast<int>(c.sip.stranger_answer);
  o.refusal_delay = c.sip.refusal_delay;
  o.trusted_headers = c.sip.trusted_headers;
  o.peers = c.sip.peers;
  o.transactions_max = c.sip.transactions_max;
  o.ringing_per_callee = c.sip.ringing_per_callee;
  o.ringing_per_caller = c.sip.ringing_per_caller;
  o.source_messages_per_second = c.sip.source_messages_per_second;
  o.source_messages_burst = c.sip.source_messages_burst;
  o.strangers_messages_per_second = c.sip.strangers_messages_per_second;
  o.t1 = c.sip.t1;
  o.t2 = c.sip.t2;
  o.t4 = c.sip.t4;
  o.advertised_address = c.node.advertised_address;
  o.dns_servers = c.sip.dns_servers;
  o.sip_port = c.ports.sip;
  o.sips_port = c.ports.sips;
  o.other_ports = {c.ports.https, c.ports.http, c.ports.reload, c.ports.stun};
  o.self = self;
  return o;
}

std::vector<transport::endpoint> endpoints_of(const std::vector<identity::bootstrap_node>& nodes) {
  std::vector<transport::endpoint> out;
  for (const auto& n : nodes) {
    asio::error_code not_an_address;
    const auto address = asio::ip::make_address(n.address, not_an_address);
    if (!not_an_address) out.push_back({address, n.port});
  }
  return out;
}

}  // namespace

core::awaitable<void> overlay_node::start() {
  document_ = co_await obtain_document();
  if (auto done = adopt_first_document(); !done) {
    waiting_for_ = "the configuration document's certificates: " + done.error().message();
    log_.error("{}", waiting_for_);
    co_return;  // /healthz says it; the operator of the overlay has to act
  }
  std::string signer;
  if (authority_) signer = authority_->signer.certificate.pem();
  bootstrap_->publish(document_->text, std::move(signer));
  load_kept_revocations();
  forget_useless_credential(configuration_, trust_, env_.wall_now());
  enrolled_ = co_await obtain_credential();
  const auto self = enrolled_->certificate.node();
  log_.info("enrolled as node {}", self.hex());
  credential_ = std::make_shared<identity::credential>(*enrolled_);
  host_->replace_credential(std::make_shared<identity::credential>(*enrolled_));
  open_keys();
  if (keys_->keys()->empty()) co_await keys_->refresh();
  co_await join();
  state_ = node_state::ready;
  log_.info("ready");
  on_ready_();
  tasks_.spawn(health_->run());
  tasks_.spawn(keep_peers());
  if (sip_) tasks_.spawn(keep_bindings());
  tasks_.spawn(renew_credential());
  tasks_.spawn(keys_->run());
  tasks_.spawn(authority_ ? watch_document() : refresh_document());
  tasks_.spawn(keep_revocations());
  tasks_.spawn(authority_ ? sign_revocations() : fetch_missing_revocations());
  if (withdrawal_) tasks_.spawn(withdrawal_->run());
  if (configuration_.sip.enabled) tasks_.spawn(proxy_location_->run());
  if (publisher_) publisher_->start();
}

core::awaitable<identity::parsed_configuration> overlay_node::obtain_document() {
  hint tell = [this](std::string why) { waiting_for_ = std::move(why); };
  if (!authority_) co_return co_await await_document(env_, configuration_, log_.of("enrolment"), std::move(tell));
  backoff pause(env_);
  while (true) {  // ends with a document, or by cancellation
    auto document = own_document();
    if (document) co_return std::move(*document);
    tell("the configuration document: " + document.error().message());
    log_.error("{}", waiting_for_);
    const auto span = pause.next();
    co_await core::sleep_for(env_, span);
  }
}

core::result<identity::parsed_configuration> overlay_node::own_document() { return current_document(env_, configuration_, *authority_); }

core::awaitable<identity::credential> overlay_node::obtain_credential() {
  hint tell = [this](std::string why) { waiting_for_ = std::move(why); };
  if (!authority_) co_return co_await await_credential(env_, configuration_, document_->content, log_.of("enrolment"), std::move(tell));
  backoff pause(env_);
  while (true) {  // ends with a certificate, or by cancellation
    auto got = enrol_with(env_, configuration_, *authority_, *accounts_);
    if (got) co_return std::move(*got);
    tell("waiting for a certificate: " + got.error().message());
    log_.warning("{}", waiting_for_);
    const auto span = pause.next();
    co_await core::sleep_for(env_, span);
  }
}

// The login server's own node has them beside it; the others ask the login server.
void overlay_node::open_keys() {
  const auto file = authority_ ? std::string() : configuration_.in_data_directory("domain-keys");
  const auto every = authority_ ? std::chrono::seconds(1) : enrollment::asked_for_every;
  keys_ = std::make_unique<domain_key_keeper>(env_, file, every, [this] { return fetch_keys(); }, log_.of("keys"));
  keys_->load();
}

void overlay_node::make_peer(bool first) {
  peer_.reset();  // before another takes the host's links
  if (!records_ && !configuration_.overlay.records_file.empty())
    records_ = std::make_unique<record_log_file>(env_, configuration_.in_data_directory(configuration_.overlay.records_file),
                                                 [this](const core::status& s) { disk_->note("records", s); });
  auto options = peer_options_of(configuration_, document_->content, first);
  options.records = records_.get();
  const auto incarnation = next_incarnation(env_, configuration_);
  if (!incarnation) log_.warning("{}; neighbours may not notice a start within a second of the last", incarnation.error().message());
  options.incarnation = incarnation.value_or(0);
  peer_ = overlay::peer::create(env_, options, credential_, *document_, trust_, *host_, metrics_, log_.of("overlay"));
  peer_->observe_document([this](const identity::parsed_configuration& document) { on_document(document); });
}

void overlay_node::make_services() {
  const auto& certificate = enrolled_->certificate;
  health_ = std::make_unique<health_probe>(env_, *peer_, configuration_.node.user, certificate.node(), log_.of("health"));
  proxy_location_ = std::make_unique<proxy_location>(env_, *peer_, configuration_, certificate.node(), log_.of("proxy location"));
  if (authority_) {
    publisher_ = std::make_unique<credential_publisher>(env_, *peer_, *accounts_, configuration_.login.domain_key_overlap, metrics_,
                                                        log_.of("login"));
    withdrawal_ = std::make_unique<account_withdrawal>(
        env_, *peer_, *accounts_, [this](std::string user) { publisher_->publish_again(std::move(user)); }, log_.of("login"));
  }
  if (!configuration_.sip.enabled) return;
  for (const auto& d : configuration_.node.domains) {
    if (!certificate.has_authority(d)) log_.warning("node.domains: the account {} has no authority for {}", configuration_.node.user, d);
  }
  secrets_ = std::make_unique<secret_cache>(env_, *peer_, accounts_.get(), *keys_, metrics_);
  secrets_->honour(trust_);
  known_supernodes_ = std::make_unique<known_supernodes>(env_, *peer_);
  auto options = sip_options_of(configuration_, sip_anchors_, certificate.node());
  options.has_failed = [this](const identity::node_id& n) { return peer_->has_failed(n); };
  options.is_supernode = [this](const asio::ip::address& a) { return known_supernodes_->contains(a); };
  options.keys = keys_->keys();
  options.bindings = load_bindings(configuration_);
  options.trust = &trust_;
  sip_ = sip::service::create(
      env_, std::move(options), *host_, *peer_,
      [this](std::string user, std::string algorithm, bool whole) { return secrets_->find(std::move(user), std::move(algorithm), whole); },
      metrics_, log_.of("sip"));
  keys_->tell([this](domain_key_keeper::keyring keys) { sip_->replace_keys(std::move(keys)); });
}

// Whoever joins or is ready may be asked; who is not in the ring has nothing to say.
std::optional<transport::local_discovery::own_place> overlay_node::own_place() const {
  if (state_ != node_state::ready || configuration_.node.role == "ordinary" || !enrolled_) return std::nullopt;
  const auto at = own_endpoint(configuration_);
  if (at.address.is_unspecified()) return std::nullopt;
  return transport::local_discovery::own_place{enrolled_->certificate.node().hex().substr(0, 16), at};
}

void overlay_node::open_discovery() {
  if (!configuration_.discovery.multicast) return;
  transport::local_discovery_options o;
  o.address = asio::ip::make_address(configuration_.node.address);
  o.overlay = configuration_.overlay.name;
  auto opened = transport::local_discovery::open(env_, std::move(o), [this] { return own_place(); }, metrics_);
  if (!opened) return log_.info("no discovery on the local network: {}", opened.error().message());
  discovery_ = std::move(*opened);
}

// Those that a bootstrap server has links to.
core::awaitable<std::vector<transport::endpoint>> overlay_node::listed_supernodes() {
  const auto urls = configuration_.bootstrap.urls;  // a reload may change them meanwhile
  for (const auto& url : urls) {
    auto options = client_options_of(configuration_);
    if (!options) break;
    const auto list = co_await enrollment::fetch_supernodes(env_, std::move(*options), url, trust_, env_.now() + list_within);
    if (list) co_return endpoints_of(list->nodes);
    log_.debug("{}", list.error().message());
  }
  co_return std::vector<transport::endpoint>();
}

// Of those in this node's tables: others that are linked may be ordinary nodes. One entry each, where it was heard. Anybody may ask, so it
// is not made and signed for each.
std::string overlay_node::supernode_list() {
  if (!enrolled_ || peer_ == nullptr) return {};
  if (!listed_.empty() && env_.now() < listed_until_) return listed_;
  enrollment::supernode_list l{configuration_.overlay.name, env_.wall_now(), {}};
  const auto own = own_endpoint(configuration_);
  if (!own.address.is_unspecified()) l.nodes.push_back({own.address.to_string(), own.port});
  const auto status = peer_->status();
  std::set<identity::node_id> members(status.leaf_set.left.begin(), status.leaf_set.left.end());
  members.insert(status.leaf_set.right.begin(), status.leaf_set.right.end());
  for (const auto& e : status.routing_table) members.insert(e.node);
  for (const auto& link : status.links) {
    if (!members.contains(link.node)) continue;
    if (!link.listens.empty()) l.nodes.push_back({link.listens.front().address.to_string(), link.listens.front().port});
  }
  listed_ = enrollment::print(l, *enrolled_);
  listed_until_ = env_.now() + list_lasts;
  return listed_;
}

// Of the document, of earlier, and of the local network: tried together, a few of each first. Who got nowhere by those asks for more.
core::awaitable<std::vector<transport::candidate>> overlay_node::bootstrap_candidates(bool first_attempt) {
  std::vector<std::vector<transport::endpoint>> sources(4);
  sources[0] = endpoints_of(document_->content.bootstrap_nodes);
  sources[1] = load_known_peers(configuration_);
  if (discovery_) sources[2] = co_await discovery_->ask(local_answers_within);
  if (!first_attempt) sources[3] = co_await listed_supernodes();
  co_return candidates_of(configuration_, interleaved(sources));
}

// A first node that has met others before looks for them: starting anew would split the ring.
core::awaitable<bool> overlay_node::rejoin() {
  auto candidates = candidates_of(configuration_, load_known_peers(configuration_));
  if (candidates.empty()) co_return false;
  make_peer(false);
  const auto joined = co_await peer_->join(std::move(candidates), env_.now() + rejoin_attempt);
  if (joined) co_return true;
  log_.warning("nobody of the overlay that this node was part of answers: {}; it starts anew", joined.error().message());
  co_await peer_->stop();
  co_return false;
}

core::awaitable<void> overlay_node::join() {
  waiting_for_ = "joining the overlay";
  const bool first = configuration_.node.first;
  if (first) {
    const bool joined = co_await rejoin();
    if (joined) {
      make_services();
      co_return;
    }
  }
  make_peer(first);
  backoff pause(env_);
  for (bool first_attempt = true;; first_attempt = false) {  // ends joined, or by cancellation
    auto candidates = co_await bootstrap_candidates(first_attempt);
    const auto joined = co_await peer_->join(std::move(candidates), env_.now() + join_attempt);
    if (joined) break;
    waiting_for_ = "joining the overlay: " + joined.error().message();
    log_.warning("not joined yet: {}", joined.error().message());
    const auto span = pause.next();
    co_await core::sleep_for(env_, span);
  }
  make_services();
}

}  // namespace phyllo::node
