#include "assembly/node_ports.hpp"

#include "settings/host_options.hpp"
#include "settings/ladder_settings.hpp"

namespace phyllo::node {

node_ports::node_ports(core::environment& env, const configuration& c, const identity::trust& trust, core::metrics& m,
                       const core::logger& log, unsigned shards)
    : env_(env), configuration_(c), trust_(trust), metrics_(m), log_(log), shards_(shards), debug_(env, c, log) {}

core::status node_ports::open(transport::web_certificate web, const servers& s) {
  web_chain_ = web.chain_pem;
  auto options = host_options_of(configuration_);
  options.keep_rungs = [this](const transport::rung_memory& m) {
    if (const auto kept = save_rungs(configuration_, m); !kept) log_.warning("{}", kept.error().message());
  };
  auto keys = debug_.open_keys();
  if (!keys) return core::fail(keys.error());
  key_log_ = std::move(*keys);
  options.key_log = key_log_;
  if (shards_ > 1)
    options.shard = transport::shard_place{0, [this](unsigned to, transport::moved_connection moved) {
                                             if (pass_on_) pass_on_(to, std::move(moved));
                                           }};
  options.limits = part_of(options.limits, shards_);
  auto host = transport::host::open(env_, std::move(options), nullptr, trust_, std::move(web), metrics_, log_.of("transport"));
  if (!host) return core::fail(host.error());
  host_ = std::move(*host);
  debug_.tap(*host_);
  open_site(s);
  serve_with(&s.sip, site_.get());
  return {};
}

void node_ports::open_site(const servers& s) {
  site_ = std::make_unique<web_site>(env_, s.login, s.bootstrap, metrics_);
  if (configuration_.admin.public_health) site_->show_health(s.healthz);
  if (!configuration_.sip.enabled) return;
  transport::websocket_options phones;
  phones.protocol = "sip";
  phones.origins = configuration_.sip.websocket_origins;
  site_->take_websockets(std::move(phones), [&sip = s.sip](std::unique_ptr<transport::websocket> w) { sip.on_websocket(std::move(w)); });
}

void node_ports::serve_with(sip_side* sip, web_site* site) {
  host_->serve(transport::datagram_kind::text, sip);
  host_->serve(transport::stream_kind::text, sip);
  host_->serve(transport::stream_kind::http, site);
}

void node_ports::take_settings(transport::web_certificate web) {
  web_chain_ = web.chain_pem;
  const auto taken = host_->replace_web_certificate(std::move(web));
  if (!taken) log_.error("the web certificate: {}", taken.error().message());  // read_again() has checked it
  host_->replace_limits(part_of(configuration_.limits, shards_));
}

core::awaitable<void> node_ports::stop() {
  if (site_) co_await site_->stop();
  if (host_) {
    serve_with(nullptr, nullptr);
    co_await host_->stop();
  }
  debug_.flush();
}

}  // namespace phyllo::node
