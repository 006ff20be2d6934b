// From an open host to a ready node: document, certificate, peer, services, ring.
#include <fmt/format.h>

#include "assembly/overlay_node.hpp"
#include "files/bindings_file.hpp"
#include "files/document_file.hpp"
#include "files/incarnation.hpp"
#include "files/known_peers.hpp"
#include "files/web_files.hpp"
#include "phyllo/core/backoff.hpp"
#include "phyllo/enrollment/domain_keys.hpp"

namespace phyllo::node {
namespace {

overlay::peer_options peer_options_of(const configuration& c, const identity::configuration& document, bool first) {
  overlay::peer_options o;
  static_cast<overlay::peer_settings&>(o) = c.overlay;
  o.publish_certificate = true;
  o.first = first;
  o.client = c.node.role == "ordinary";
  o.initial_ttl = document.initial_ttl;
  o.end_to_end_timer = std::chrono::milliseconds(document.overlay_reliability_timer_ms);
  return o;
}

sip::service_options sip_options_of(const configuration& c, std::vector<std::string> anchors_pem, identity::node_id self) {
  sip::service_options o;
  static_cast<sip::service_settings&>(o) = c.sip;
  o.domains = c.node.domains;
  o.anchors_pem = std::move(anchors_pem);
  o.advertised_address = c.node.advertised_address;
  o.sip_port = c.ports.sip;
  o.sips_port = c.ports.sips;
  o.other_ports = {c.ports.https, c.ports.http, c.ports.reload, c.ports.stun};
  o.self = self;
  return o;
}

sip::proxy_place proxy_place_of(const configuration& c, identity::node_id self) {
  return {c.node.advertised_address.empty() ? c.node.address : c.node.advertised_address, c.ports.sip, c.ports.sips, self};
}

}  // namespace

core::awaitable<void> overlay_node::start() {
  document_ = co_await obtain_document();
  if (auto done = adopt_first_document(); !done) {
    waiting_for_ = "the configuration document's certificates: " + done.error().message();
    log_.error("{}", waiting_for_);
    co_return;  // /healthz says it; the operator of the overlay has to act
  }
  publish(*document_);
  load_kept_revocations();
  forget_useless_credential(configuration_, trust_, env_.wall_now());
  enrolled_ = co_await obtain_credential();
  const auto self = enrolled_->certificate.node();
  log_.info("enrolled as node {}", self.hex());
  credential_ = std::make_shared<identity::credential>(*enrolled_);
  host_->replace_credential(std::make_shared<identity::credential>(*enrolled_));
  open_keys();
  keep_certificate();
  if (!authority_) tasks_.spawn(learn_revocations());
  if (keys_->keys()->empty()) co_await keys_->refresh();
  co_await join();
  state_ = node_state::ready;
  events_.joined();
  tasks_.spawn(watch_readiness());
  tasks_.spawn(health_->run());
  tasks_.spawn(keep_ring());
  if (sip_) tasks_.spawn(keep_bindings());
  tasks_.spawn(configuration_.node.role == "ordinary" ? look_for_supernodes() : look_for_others());
  tasks_.spawn(keys_->run());
  if (!authority_) tasks_.spawn(refresh_document());
  tasks_.spawn(keep_revocations());
  if (authority_) begin_duties();
  if (configuration_.sip.enabled) tasks_.spawn(proxy_location_->run());
}

// What a login server does for its overlay.
void overlay_node::begin_duties() {
  tasks_.spawn(duties_->publish_documents());
  tasks_.spawn(duties_->compare_documents());
  tasks_.spawn(duties_->sign_revocations());
  tasks_.spawn(withdrawal_->run());
  publisher_->start();
}

void overlay_node::publish(const identity::parsed_configuration& document) {
  document_ = document;
  std::string signer;
  if (authority_) signer = authority_->signer.certificate.pem();
  bootstrap_->publish(document_->text, std::move(signer));
}

core::awaitable<identity::parsed_configuration> overlay_node::obtain_document() {
  hint tell = [this](std::string why) { waiting_for_ = std::move(why); };
  if (!authority_) co_return co_await await_document(env_, configuration_, log_.of("enrolment"), std::move(tell), time_listener());
  core::backoff pause(env_);
  while (true) {  // ends with a document, or by cancellation
    auto document = enrollment::current_document(env_, authority_settings_, *authority_);
    if (document) co_return std::move(*document);
    tell("the configuration document: " + document.error().message());
    log_.error("{}", waiting_for_);
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
  if (!records_ && !configuration_.overlay.records_file.empty())
    records_ = std::make_unique<record_log_file>(env_, configuration_.in_data_directory(configuration_.overlay.records_file),
                                                 [this](const core::status& s) { disk_->note("records", s); });
  auto options = peer_options_of(configuration_, document_->content, first);
  options.records = records_.get();
  options.members = members_kept_;
  const auto incarnation = next_incarnation(env_, configuration_);
  if (!incarnation) log_.warning("{}; neighbours may not notice a start within a second of the last", incarnation.error().message());
  options.incarnation = incarnation_ = incarnation.value_or(0);
  peer_ = overlay::peer::create(env_, options, credential_, *document_, trust_, *host_, metrics_, log_.of("overlay"));
  if (server_time_) peer_->hear_time(*server_time_);
  peer_->observe_document([this](const identity::parsed_configuration& document) { on_document(document); });
}

void overlay_node::make_services() {
  const auto& certificate = enrolled_->certificate;
  health_ = std::make_unique<health_probe>(env_, *peer_, configuration_.node.user, certificate.node(), incarnation_, events_.end,
                                           log_.of("health"));
  const auto place = proxy_place_of(configuration_, certificate.node());
  proxy_location_ = std::make_unique<sip::proxy_location>(env_, *peer_, configuration_.node.domains, place, log_.of("proxy location"));
  if (authority_) {
    publisher_ = std::make_unique<enrollment::credential_publisher>(env_, *peer_, *accounts_, configuration_.login.domain_key_overlap,
                                                                    metrics_, log_.of("login"));
    withdrawal_ = std::make_unique<enrollment::account_withdrawal>(
        env_, *peer_, *accounts_, [this](std::string user) { publisher_->publish_again(std::move(user)); }, log_.of("login"));
    const enrollment::authority_duties::parts parts{env_, authority_settings_, *accounts_, *authority_, trust_, *peer_};
    duties_ = std::make_unique<enrollment::authority_duties>(
        parts, *document_, [this](const identity::parsed_configuration& document) { publish(document); }, log_.of("login"));
  }
  if (!configuration_.sip.enabled) return;
  secrets_ = std::make_unique<secret_cache>(env_, *peer_, accounts_.get(), *keys_, metrics_);
  secrets_->honour(trust_);
  known_supernodes_ = std::make_unique<known_supernodes>(env_, *peer_);
  auto options = sip_options_of(configuration_, sip_anchors_, certificate.node());
  options.has_failed = [this](const identity::node_id& n) { return peer_->has_failed(n); };
  options.is_supernode = [this](const asio::ip::address& a) { return known_supernodes_->contains(a); };
  options.host_names = host_names_of(configuration_, web_chain_);
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

}  // namespace phyllo::node
