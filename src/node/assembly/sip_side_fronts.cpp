// The part of the SIP side that has several shards.
#include "assembly/node_ports.hpp"
#include "assembly/sip_side.hpp"
#include "files/web_files.hpp"
#include "settings/host_options.hpp"

namespace phyllo::node {
namespace {

constexpr auto told_every = std::chrono::seconds(1);

}  // namespace

// Where they can not be opened one shard serves alone: what is wrong is said, and nothing else is lost.
core::awaitable<bool> sip_side::open_fronts(const sip::service_options& options) {
  const auto& g = *ground_;
  sip_front::ground base{shards_.group.door(0), g.host, g.peer, {}, {}, {}};
  base.secrets = [this](std::string user, std::string algorithm, bool whole) {
    return secrets_->find(std::move(user), std::move(algorithm), whole);
  };
  base.answers = [&ports = g.ports](transport::http_request r) { return ports.page(std::move(r)); };
  base.has_failed = [&peer = g.peer](const identity::node_id& n) { return peer.has_failed(n); };
  fronts_ = std::make_unique<sip_fronts>(shards_, std::move(base), configuration_.overlay.name, log_);
  auto settings = settings_of_fronts(options);
  const auto opened = co_await fronts_->open(std::move(settings));
  if (opened) co_return true;
  log_.error("one shard serves instead of {}: {}", shards_.group.size(), opened.error().message());
  fronts_.reset();
  co_return false;
}

sip_front::settings sip_side::settings_of_fronts(const sip::service_options& options) {
  const auto& g = *ground_;
  sip_front::settings s;
  s.host = host_options_of(configuration_);
  s.host.limits = part_of(s.host.limits, shards_.group.size());
  s.host.shard.emplace();
  if (const auto own = g.host.addresses(); s.host.advertised_address.empty() && !own.empty())
    s.host.advertised_address = own.front().to_string();
  if (const auto& log = g.ports.key_log()) {
    s.host.key_log = [log, &first = shards_.group.door(0)](std::string_view line) {
      first.post([log, text = std::string(line)] { log(text); });
    };
  }
  if (auto web = open_web_certificate(env_, configuration_)) s.web = std::move(*web);
  s.credential = g.credential;
  s.sip = options;
  s.phones.protocol = "sip";
  s.phones.origins = configuration_.sip.websocket_origins;
  s.trust = trust_now();
  supernodes_told_ = std::make_shared<const std::set<asio::ip::address>>(known_supernodes_->all());
  s.supernodes = supernodes_told_;
  return s;
}

// Their sockets are there, and their services: the ports may be shared out.
void sip_side::begin_fronts(const transport::steering& by) {
  ground_->ports.pass_on_by(fronts_->passer());
  const auto spread = fronts_->steer(by);
  if (!spread) log_.error("the first of {} shards has all that comes: {}", shards_.group.size(), spread.error().message());
}

trust_state sip_side::trust_now() const {
  const auto& content = ground_->document.in_force().content;
  return {content.root_certificates, content.bad_nodes, ground_->trust.revocations()};
}

void sip_side::tell_trust() {
  trust_told_ = {ground_->trust.revocations().number(), ground_->document.in_force().content.sequence};
  fronts_->tell([now = trust_now()](sip_front& f) { f.believe(now); });
}

core::awaitable<void> sip_side::keep_fronts() {
  while (fronts_) {  // ends by cancellation
    const std::pair<std::uint64_t, std::uint16_t> now(ground_->trust.revocations().number(), ground_->document.in_force().content.sequence);
    if (now != trust_told_) tell_trust();
    if (const auto& all = known_supernodes_->all(); all != *supernodes_told_) {
      supernodes_told_ = std::make_shared<const std::set<asio::ip::address>>(all);
      fronts_->tell([told = supernodes_told_](sip_front& f) { f.know(told); });
    }
    co_await core::sleep_for(env_, told_every);
  }
}

std::map<std::string, std::uint64_t> sip_side::drops_of_fronts() const {
  std::map<std::string, std::uint64_t> out;
  for (const auto* m : shards_.metrics) {
    for (const auto& [reason, n] : m->drops()) out[reason] += n;
  }
  return out;
}

void sip_side::take_credential(std::shared_ptr<const identity::credential> own) {
  if (!fronts_) return;
  ground_->credential = own;
  fronts_->tell([own](sip_front& f) { f.host().replace_credential(own); });
}

}  // namespace phyllo::node
