#include "assembly/overlay_node.hpp"

#include <algorithm>
#include <thread>

#include "assembly/certificate_watch.hpp"
#include "assembly/ring_search.hpp"
#include "files/web_files.hpp"
#include "phyllo/disk/private_directory.hpp"
#include "phyllo/node/anchor.hpp"
#include "settings/authority_settings.hpp"
#include "settings/host_options.hpp"
#include "settings/ladder_settings.hpp"

namespace phyllo::node {
namespace {

constexpr auto drained_within = std::chrono::seconds(10);

// One core stays for everything else: passwords can wait, calls can not.
unsigned scrypt_threads() {
  constexpr unsigned most = 4;
  const auto cores = std::thread::hardware_concurrency();
  return std::clamp(cores, 2u, most + 1) - 1;
}

enrollment::login_options login_options_of(const configuration& c) {
  enrollment::login_options o;
  static_cast<enrollment::login_settings&>(o) = c.login;
  o.overlay_name = c.overlay.name;
  o.scrypt_threads = scrypt_threads();
  return o;
}

}  // namespace

overlay_node::overlay_node(core::environment& env, configuration c, core::metrics& metrics, core::logger log, events e)
    : env_(env),
      configuration_(std::move(c)),
      log_(std::move(log)),
      metrics_(metrics),
      events_(std::move(e)),
      started_(env.now()),
      gauges_(metrics),
      trust_(configuration_.overlay.name),
      document_wanted_(env, 1),
      ring_changed_(env, 1),
      tasks_(env) {
  // The drops of this tier exist at zero before the first.
  for (const auto* reason : {"http_connections", "sip_not_ready"}) {
    metrics_.get_counter("phyllo_dropped_total", "What was dropped, by reason.", {{"reason", reason}});
  }
}

core::status overlay_node::open() {
  if (auto done = open_data_directory(); !done) return done;
  if (auto done = open_login_server(); !done) return done;
  bootstrap_ = enrollment::bootstrap_server::create([this] { return supernode_list(); });
  bootstrap_->serve_revocations([this] { return encoded_revocations(); });
  if (auto done = open_pcap(); !done) return done;
  // The last that may fail: coroutines run from here on, and only stop() ends them.
  if (auto done = open_host(); !done) return done;
  open_discovery();
  tasks_.spawn(start());
  tasks_.spawn(disk_->run());
  tasks_.spawn(watch_certificates(env_, configuration_, log_));
  if (pcap_) tasks_.spawn(flush_pcap());
  return {};
}

core::status overlay_node::open_data_directory() {
  const auto& directory = configuration_.node.data_directory;
  if (auto done = disk::make_private_directory(directory); !done) return done;
  auto lock = directory_lock::take(directory);
  if (!lock) return core::fail(lock.error());
  lock_ = std::move(*lock);
  const auto log_file = configuration_.log.file.empty() ? std::string() : configuration_.in_data_directory(configuration_.log.file);
  const auto closed = disk::close_files(directory, log_file);
  if (!closed) return core::fail(closed.error());
  for (const auto& path : *closed) log_.warning("{} was open to other users; it is closed to them now", path);
  disk_ = std::make_unique<disk_watch>(env_, directory, metrics_, log_.of("disk"));
  return {};
}

core::status overlay_node::open_login_server() {
  if (!configuration_.login.enabled) return {};
  auto accounts = enrollment::accounts::open(configuration_.in_data_directory(configuration_.login.database),
                                             configuration_.login.certificate_lifetime);
  if (!accounts) return core::fail(accounts.error());
  accounts_ = std::move(*accounts);
  authority_settings_ = authority_settings_of(configuration_);
  auto authority = enrollment::open_overlay_authority(env_, authority_settings_);
  if (!authority) return core::fail(authority.error());
  authority_ = std::move(*authority);
  login_ = enrollment::login_server::create(env_, login_options_of(configuration_), *accounts_, authority_->ca, trust_, metrics_,
                                            log_.of("login"));
  login_->refuse_while([this]() -> std::optional<std::string> {
    const auto why = disk_->wrong();
    if (!why) return std::nullopt;
    return why->substr(why->rfind(": ") + 2);  // the system's words: strangers need no path
  });
  return {};
}

core::status overlay_node::open_pcap() {
  if (configuration_.debug.overlay_pcap.empty()) return {};
  auto writer = pcap_writer::open(configuration_.in_data_directory(configuration_.debug.overlay_pcap));
  if (!writer) return core::fail(writer.error());
  pcap_ = std::move(*writer);
  return {};
}

void overlay_node::reopen_files() {
  const auto keys = key_log_ ? key_log_->reopen() : core::status();
  const auto frames = pcap_ ? pcap_->reopen() : core::status();
  if (!keys) log_.error("debug.keylog: {}", keys.error().message());
  if (!frames) log_.error("debug.overlay_pcap: {}", frames.error().message());
}

core::status overlay_node::open_host() {
  auto web = open_web_certificate(env_, configuration_);
  if (!web) return core::fail(web.error());
  web_chain_ = web->chain_pem;
  auto anchors = read_anchors(configuration_.sip.anchors, "sip.anchors");
  if (!anchors) return core::fail(anchors.error());
  sip_anchors_ = std::move(*anchors);
  auto options = host_options_of(configuration_);
  options.keep_rungs = [this](const transport::rung_memory& m) {
    if (const auto kept = save_rungs(configuration_, m); !kept) log_.warning("{}", kept.error().message());
  };
  if (!configuration_.debug.keylog.empty()) {
    auto lines = key_log::open(configuration_.in_data_directory(configuration_.debug.keylog));
    if (!lines) return core::fail(lines.error());
    key_log_ = std::move(*lines);
    options.key_log = [this](std::string_view line) { key_log_->add(line); };
    log_.warning("debug.keylog: the secrets of every connection are written to {}", configuration_.debug.keylog);
  }
  auto host = transport::host::open(env_, std::move(options), nullptr, trust_, std::move(*web), metrics_, log_.of("transport"));
  if (!host) return core::fail(host.error());
  host_ = std::move(*host);
  if (pcap_) {
    host_->tap_frames([this](const transport::endpoint& from, const transport::endpoint& to, transport::link_kind kind,
                             core::byte_view frame) { pcap_->add(pcap_packet(from, to, kind, frame, env_.wall_now())); });
  }
  open_site();
  host_->observe(this);
  return {};
}

void overlay_node::open_site() {
  site_ = std::make_unique<web_site>(env_, login_.get(), *bootstrap_, metrics_);
  if (configuration_.admin.public_health) site_->show_health([this] { return healthz(); });
  transport::websocket_options phones;
  phones.protocol = "sip";
  phones.origins = configuration_.sip.websocket_origins;
  if (!configuration_.sip.enabled) return;
  site_->take_websockets(std::move(phones), [this](std::unique_ptr<transport::websocket> w) { on_websocket(std::move(w)); });
}

void overlay_node::on_sip_datagram(const transport::endpoint& from, const transport::endpoint& to, core::byte_view data) {
  if (sip_ == nullptr) return metrics_.drop("sip_not_ready");
  sip_->on_datagram(from, to, data);
}

void overlay_node::on_stream(transport::stream_protocol protocol, std::unique_ptr<transport::stream> s) {
  if (protocol == transport::stream_protocol::http) return site_->serve(std::move(s));
  if (sip_ == nullptr) return metrics_.drop("sip_not_ready");
  sip_->on_stream(std::move(s));
}

void overlay_node::on_websocket(std::unique_ptr<transport::websocket> w) {
  if (sip_ == nullptr) return metrics_.drop("sip_not_ready");
  sip_->on_websocket(std::move(w));
}

node_status overlay_node::status() const {
  node_status s;
  s.state = state_;
  s.overlay = configuration_.overlay.name;
  s.role = configuration_.node.role;
  s.uptime_s = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(env_.now() - started_).count());
  if (enrolled_) s.node_id = enrolled_->certificate.node().hex();
  s.peer.clock = clock_by_server();
  if (peer_) s.peer = peer_->status();
  if (const auto out = why_out_of_ring(s.peer); out && s.state == node_state::ready) {
    s.state = node_state::joining;
    s.reason = *out;
  }
  const auto lack = lacks();
  if (s.state == node_state::ready && lack) s.state = node_state::degraded;
  if (sip_) s.sip = sip_->status();
  if (document_) {
    s.anchors = anchor_fingerprints(document_->content);
    s.document_sequence = document_->content.sequence;
  }
  s.alone = alone();
  s.drops = metrics_.drops();
  if (state_ == node_state::joining) s.reason = waiting_reason(s.peer);
  if (state_ != node_state::draining && lack) s.reason = *lack;
  if (disk_) s.disk_free_bytes = disk_->free_bytes();
  if (const auto wrong = disk_ ? disk_->wrong() : std::nullopt) s.disk = *wrong;
  return s;
}

// What the last attempt to join failed by is one link's; whom the node waits for is known at any time.
std::string overlay_node::waiting_reason(const overlay::peer_status& ring) const {
  return ring.waits_for.empty() ? waiting_for_ : "joining the overlay: " + ring.waits_for;
}

void overlay_node::measure() {
  gauges_.set(status());
  auto ends = certificate_ends(configuration_, web_chain_, document_ ? document_->content.root_certificates : std::vector<core::bytes>());
  if (enrolled_) ends.push_back({"node", enrolled_->certificate.not_after()});
  gauges_.set(ends, env_.wall_now());
}

health overlay_node::healthz() const {
  health h;
  if (state_ == node_state::ready && health_) h = health_->report();
  if (state_ == node_state::ready) h.report["alone"] = alone();
  auto ring = peer_ ? peer_->status() : overlay::peer_status();
  if (!peer_) ring.clock = clock_by_server();
  if (!ring.clock.empty()) h.report["clock"] = ring.clock;
  if (const auto out = why_out_of_ring(ring); out && state_ == node_state::ready) {
    h.good = false;
    h.report["reason"] = *out;
  }
  if (alone() && others_known_ && !meant_alone_) {
    h.good = false;
    h.report["reason"] = "alone: none of the other nodes that this one knows is in the ring with it";
  }
  if (state_ == node_state::joining) h.report["reason"] = waiting_reason(ring);
  if (const auto lack = lacks()) {
    h.good = false;
    h.report["reason"] = *lack;
  }
  if (state_ == node_state::draining) h.report["reason"] = "draining";
  if (const auto wrong = disk_ ? disk_->wrong() : std::nullopt) {
    h.good = false;
    h.report["reason"] = "what is to be kept is not written: " + *wrong;
  }
  h.report["state"] = text_of(status().state);
  return h;
}

reload_report overlay_node::take(fresh_settings f) {
  auto report = take_over(configuration_, f.settings);
  if (authority_) authority_settings_ = authority_settings_of(configuration_);
  web_chain_ = f.web.chain_pem;
  const auto taken = host_->replace_web_certificate(std::move(f.web));
  if (!taken) log_.error("the web certificate: {}", taken.error().message());  // read_again() has checked it
  host_->replace_limits(configuration_.limits);
  if (login_) login_->limit_attempts(configuration_.login.attempts_per_minute);
  if (sip_) sip_->limit_sources(configuration_.sip.source_messages_per_second, configuration_.sip.source_messages_burst);
  if (sip_) sip_->name_hosts(host_names_of(configuration_, web_chain_));
  document_wanted_.push(true);
  if (duties_) duties_->look();
  log_certificates(env_.wall_now(), configuration_, log_);
  return report;
}

core::awaitable<void> overlay_node::drain() {
  if (state_ == node_state::draining) co_return;
  const bool joined = state_ == node_state::ready;
  state_ = node_state::draining;
  log_.info("draining");
  const auto deadline = env_.now() + drained_within;
  if (duties_) duties_->end();
  tasks_.cancel();
  co_await tasks_.join();
  if (publisher_) co_await publisher_->stop();
  if (joined && proxy_location_) co_await proxy_location_->withdraw();
  if (sip_) co_await sip_->drain(deadline);
  if (sip_) keep_bindings_now();
  if (joined) co_await leave(deadline);
  save_kept_revocations();
  log_.info("drained");
}

core::awaitable<void> overlay_node::stop() {
  const bool drained = state_ == node_state::draining;
  state_ = node_state::draining;
  if (duties_) duties_->end();
  tasks_.cancel();
  co_await tasks_.join();
  if (publisher_) co_await publisher_->stop();
  if (sip_ && !drained) keep_bindings_now();
  if (!drained) save_kept_revocations();
  if (sip_) co_await sip_->stop();
  if (peer_) co_await peer_->stop();
  if (discovery_) co_await discovery_->stop();
  if (site_) co_await site_->stop();
  if (host_) {
    host_->observe(nullptr);
    co_await host_->stop();
  }
  if (pcap_) pcap_->flush();
  lock_.reset();
}

}  // namespace phyllo::node
