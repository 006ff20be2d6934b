#include "phyllo/node/supernode.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "admin/admin.hpp"
#include "admin/admin_doors.hpp"
#include "admin/process_metrics.hpp"
#include "assembly/notify.hpp"
#include "assembly/overlay_node.hpp"
#include "phyllo/core/shard_group.hpp"
#include "phyllo/core/task_scope.hpp"
#include "phyllo/disk/private_directory.hpp"
#include "phyllo/node/version.hpp"
#include "phyllo/overlay/overlays.hpp"

namespace phyllo::node {
namespace {

constexpr auto opened_again_after = std::chrono::seconds(1);

std::string listed(const std::vector<std::string>& keys) {
  std::string out;
  for (const auto& k : keys) out += " " + k;
  return out.empty() ? " none" : out;
}

unsigned shards_of(const configuration& c) { return c.node.shards == 0 ? core::usable_cores() : c.node.shards; }

void merge(std::vector<std::string>& keys, std::vector<std::string>& into) {
  for (auto& k : keys) {
    if (std::ranges::find(into, k) == into.end()) into.push_back(std::move(k));
  }
}

class supernode_impl final : public supernode {
 public:
  supernode_impl(core::environment& env, const configuration& c, const core::logger& log);

  core::status open();

  core::awaitable<void> drain() override;
  core::awaitable<void> stop() override;
  void reread_by(std::function<core::result<configuration>()> read) override { read_ = std::move(read); }
  void reopen_by(std::function<core::status()> reopen) override { reopen_ = std::move(reopen); }
  void end_by(std::function<void(const core::error& why)> end) override { end_ = std::move(end); }
  core::result<reread_report> reread() override;
  [[nodiscard]] bool ready() const override {
    return std::ranges::all_of(nodes_, [](const auto& n) { return n->ready(); });
  }
  [[nodiscard]] overlay::overlay* api() override { return joined() ? &overlays_ : nullptr; }
  [[nodiscard]] transport::endpoint admin() const override { return admin_at_; }
  [[nodiscard]] std::string admin_socket() const override { return configuration_.admin_socket(); }

 private:
  [[nodiscard]] std::unique_ptr<overlay_node> make_node(std::size_t index, configuration c);
  [[nodiscard]] bool joined() const {
    return std::ranges::all_of(nodes_, [](const auto& n) { return n->joined(); });
  }
  void on_joined(std::size_t index);
  void on_readiness(const std::optional<std::string>& why) const;
  core::awaitable<void> start_again(std::size_t index);
  [[nodiscard]] core::result<reread_report> change_to(const configuration& c);
  core::counter& reloads(const char* code);
  void reopen_files();
  void serve_admin(std::vector<admin_door> doors);
  [[nodiscard]] core::result<overlay::peer*> peer_of(const std::string& overlay_id);
  core::status form(const std::string& overlay_id);
  [[nodiscard]] overlay_node* node_of(const std::string& overlay_id);
  core::awaitable<core::result<overlay::revocation_reach>> settle(std::string overlay_id, std::int64_t change, core::duration timeout);
  core::awaitable<core::result<overlay::trace_outcome>> trace(std::string overlay_id, overlay::resource_id key, core::duration timeout);
  [[nodiscard]] nlohmann::json status() const;
  [[nodiscard]] health healthz() const;
  [[nodiscard]] std::string metrics_text() const;

  core::environment& env_;
  configuration configuration_;
  core::logger log_;
  core::metrics metrics_;     // of the process
  core::shard_group shards_;  // ends after the nodes
  // Each node's, of each of its shards, with the overlay for a label where there are several.
  std::vector<std::vector<std::unique_ptr<core::metrics>>> of_overlays_;
  std::vector<std::unique_ptr<overlay_node>> nodes_;
  std::vector<std::unique_ptr<overlay_node>> former_;  // stopped; commands may still end at them
  std::function<core::result<configuration>()> read_;
  std::function<core::status()> reopen_;
  std::function<void(const core::error& why)> end_;
  overlay::overlays overlays_;  // of the nodes that are ready
  std::unique_ptr<admin_listener> admin_;
  transport::endpoint admin_at_;
  bool draining_ = false;
  core::task_scope restarts_;
};

supernode_impl::supernode_impl(core::environment& env, const configuration& c, const core::logger& log)
    : env_(env), configuration_(c), log_(log), shards_(env, "node", shards_of(c)), former_(c.overlays()), restarts_(env) {
  for (const auto* reason : {"admin_connections", "admin_refused"})
    metrics_.get_counter("phyllo_dropped_total", "What was dropped, by reason.", {{"reason", reason}});
  for (const auto* code : {"ok", "refused"}) (void)reloads(code);
  metrics_.get_gauge("phyllo_build_info", "Always 1; the label says which version of Phyllo runs.", {{"version", version}}).set(1);
  const bool several = c.overlays() > 1;
  for (std::size_t i = 0; i < c.overlays(); ++i) {
    auto own = c.of_overlay(i);
    const auto name = own.overlay.name;
    const auto own_labels = several ? core::metrics::labels{{"overlay", name}} : core::metrics::labels{};
    auto& of_shards = of_overlays_.emplace_back();
    for (unsigned k = 0; k < shards_.size(); ++k) of_shards.push_back(std::make_unique<core::metrics>(own_labels));
    nodes_.push_back(make_node(i, std::move(own)));
  }
}

std::unique_ptr<overlay_node> supernode_impl::make_node(std::size_t index, configuration c) {
  overlay_node::events e;
  e.joined = [this, index] { on_joined(index); };
  e.readiness = [this](const std::optional<std::string>& why) { on_readiness(why); };
  e.end = [this](const core::error& why) {
    log_.error("{}", why.message());
    if (end_ && !draining_) end_(why);
  };
  e.start_again = [this, index] {
    if (!draining_) restarts_.spawn(start_again(index));
  };
  auto log = configuration_.overlays() > 1 ? log_.within(c.overlay.name) : log_;
  node_shards shards{shards_, {}};
  for (std::size_t k = 1; k < shards_.size(); ++k) shards.metrics.push_back(of_overlays_[index][k].get());
  return std::make_unique<overlay_node>(env_, std::move(c), shards, *of_overlays_[index].front(), std::move(log), std::move(e));
}

core::status supernode_impl::open() {
  if (auto made = disk::make_private_directory(configuration_.node.data_directory); !made) return made;
  auto doors = open_admin_doors(env_, configuration_);
  if (!doors) return core::fail(doors.error());
  for (auto& n : nodes_) {
    if (auto done = n->open(); !done) return core::fail(done.error());
  }
  admin_at_ = doors->network;
  serve_admin(std::move(doors->doors));
  return {};
}

void supernode_impl::on_joined(std::size_t index) { overlays_.add(nodes_[index]->overlay_id(), *nodes_[index]->peer()); }

void supernode_impl::on_readiness(const std::optional<std::string>& why) const {
  if (why) notify_service_manager("STATUS=not ready: " + *why);
  if (ready()) notify_service_manager("READY=1\nSTATUS=ready");
}

// As a start of the process, for one overlay: what it needs is on disk. The ports may be another's by then; it tries until it has them.
core::awaitable<void> supernode_impl::start_again(std::size_t index) {
  auto settings = nodes_[index]->settings();
  overlays_.remove(settings.overlay.name);
  while (true) {  // ends with an open node, or when this one drains
    co_await nodes_[index]->stop();
    if (draining_) co_return;
    former_[index] = std::exchange(nodes_[index], make_node(index, settings));
    const auto opened = nodes_[index]->open();
    if (opened) co_return;
    log_.error("{} does not start again: {}", settings.overlay.name, opened.error().message());
    co_await core::sleep_for(env_, opened_again_after);
  }
}

void supernode_impl::serve_admin(std::vector<admin_door> doors) {
  admin_sources sources;
  sources.status = [this] { return status(); };
  sources.healthz = [this] { return healthz(); };
  sources.overlay = [this](const std::string& id) -> core::result<overlay::overlay*> {
    const auto peer = peer_of(id);
    if (!peer) return core::fail(peer.error());
    return *peer;
  };
  sources.trace = [this](std::string id, overlay::resource_id key, core::duration timeout) { return trace(std::move(id), key, timeout); };
  sources.form = [this](const std::string& id) { return form(id); };
  sources.settle = [this](std::string id, std::int64_t change, core::duration timeout) { return settle(std::move(id), change, timeout); };
  sources.reload = [this]() -> core::result<nlohmann::json> {
    const auto done = reread();
    if (!done) return core::fail(done.error());
    return nlohmann::json{{"changed", done->changed}, {"need_start", done->need_start}};
  };
  sources.metrics = [this] { return metrics_text(); };
  admin_ = admin_listener::create(env_, std::move(doors), std::move(sources), metrics_, log_.of("admin"));
}

// unknown_overlay names those that there are; not_joined.
core::result<overlay::peer*> supernode_impl::peer_of(const std::string& overlay_id) {
  std::string names;
  for (auto& n : nodes_) {
    names += (names.empty() ? "" : ", ") + n->overlay_id();
    if (n->overlay_id() != overlay_id && !(overlay_id.empty() && nodes_.size() == 1)) continue;
    if (auto* p = n->peer()) return p;
    return core::fail(overlay::errc::not_joined, n->overlay_id() + "; see supernode status");
  }
  if (overlay_id.empty()) return core::fail(overlay::errc::unknown_overlay, "name one of this node's overlays: " + names);
  return core::fail(overlay::errc::unknown_overlay, overlay_id + "; this node's are: " + names);
}

// Null: there is none of that id, or more than one and no id.
overlay_node* supernode_impl::node_of(const std::string& overlay_id) {
  if (overlay_id.empty()) return nodes_.size() == 1 ? nodes_.front().get() : nullptr;
  const auto found = std::ranges::find(nodes_, overlay_id, [](const auto& n) { return n->overlay_id(); });
  return found == nodes_.end() ? nullptr : found->get();
}

core::status supernode_impl::form(const std::string& overlay_id) {
  auto* n = node_of(overlay_id);
  return n != nullptr ? n->form() : core::fail(peer_of(overlay_id).error());
}

core::awaitable<core::result<overlay::revocation_reach>> supernode_impl::settle(std::string overlay_id, std::int64_t change,
                                                                                core::duration within) {
  auto* n = node_of(overlay_id);
  if (n == nullptr) co_return core::fail(peer_of(overlay_id).error());
  co_return co_await n->settle(change, env_.now() + within);
}

core::awaitable<core::result<overlay::trace_outcome>> supernode_impl::trace(std::string overlay_id, overlay::resource_id key,
                                                                            core::duration within) {
  const auto peer = peer_of(overlay_id);
  if (!peer) co_return core::fail(peer.error());
  co_return co_await (*peer)->trace_root(key, within);
}

// The first overlay's, as that of a node of one overlay; of several, the same of each beside it.
nlohmann::json supernode_impl::status() const {
  auto out = to_json(nodes_.front()->status());
  if (nodes_.size() == 1) {
    for (const auto& [reason, n] : metrics_.drops()) out["drops"][reason] = n;
    return out;
  }
  auto all = nlohmann::json::array();
  for (const auto& n : nodes_) all.push_back(to_json(n->status()));
  out["overlays"] = std::move(all);
  return out;
}

health supernode_impl::healthz() const {
  auto out = nodes_.front()->healthz();
  if (nodes_.size() == 1) return out;
  auto all = nlohmann::json::object();
  for (const auto& n : nodes_) {
    const auto h = n->healthz();
    all[n->overlay_id()] = h.report;
    if (h.good || !out.good) continue;
    out.good = false;
    out.report["reason"] = n->overlay_id() + ": " + h.report["reason"].get<std::string>();
  }
  out.report["overlays"] = std::move(all);
  return out;
}

std::string supernode_impl::metrics_text() const {
  for (const auto& n : nodes_) n->measure();
  std::vector<std::vector<const core::metrics*>> all{{&metrics_}};
  for (const auto& of_shards : of_overlays_) {
    auto& one = all.emplace_back();
    for (const auto& m : of_shards) one.push_back(m.get());
  }
  return core::metrics::text_of_sums(all) + process_metrics_text();
}

core::counter& supernode_impl::reloads(const char* code) {
  return metrics_.get_counter("phyllo_reloads_total", "Reloads of certificates, anchors, revoked nodes and limits.", {{"code", code}});
}

// Those that grow, which somebody may have moved away (logrotate); also where the settings are refused.
void supernode_impl::reopen_files() {
  const auto reopened = reopen_ ? reopen_() : core::status();
  if (!reopened) log_.error("the log file: {}", reopened.error().message());
  for (auto& n : nodes_) n->reopen_files();
}

core::result<reread_report> supernode_impl::reread() {
  reopen_files();
  auto c = read_ ? read_() : core::result<configuration>(configuration_);
  auto done = c ? change_to(*c) : core::fail(c.error());
  reloads(done ? "ok" : "refused").add();
  if (!done) log_.error("not reloaded, all stays as it was: {}", done.error().message());
  if (done) log_.info("reloaded; changed:{}; after the next start:{}", listed(done->changed), listed(done->need_start));
  return done;
}

// Of every overlay, or of none.
core::result<reread_report> supernode_impl::change_to(const configuration& c) {
  if (draining_) return core::fail(errc::refused, "the node drains");
  if (c.overlays() != nodes_.size()) return core::fail(errc::configuration, "overlay: one more or less of them needs a start of the node");
  std::vector<fresh_settings> fresh;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    auto settings = c.of_overlay(i);
    if (settings.overlay.name != nodes_[i]->overlay_id())
      return core::fail(errc::configuration, "overlay.name: another name, or order of overlays, needs a start of the node");
    auto own = read_again(env_, std::move(settings));
    if (!own) return core::fail(own.error());
    fresh.push_back(std::move(*own));
  }
  reread_report out;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    auto own = nodes_[i]->take(std::move(fresh[i]));
    merge(own.changed, out.changed);
    merge(own.need_start, out.need_start);
  }
  return out;
}

core::awaitable<void> supernode_impl::drain() {
  if (draining_) co_return;
  draining_ = true;
  notify_service_manager("STOPPING=1");
  co_await restarts_.join();
  core::task_scope all(env_);
  for (auto& n : nodes_) all.spawn(n->drain());
  co_await all.join();
}

core::awaitable<void> supernode_impl::stop() {
  draining_ = true;
  co_await restarts_.join();
  if (admin_) co_await admin_->stop();
  for (auto& n : nodes_) {
    overlays_.remove(n->overlay_id());
    co_await n->stop();
  }
}

}  // namespace

core::awaitable<core::result<std::unique_ptr<supernode>>> supernode::open(core::environment& env, configuration c, core::logger log) {
  auto node = std::make_unique<supernode_impl>(env, c, log);
  if (auto done = node->open(); !done) {
    co_await node->stop();
    co_return core::fail(done.error());
  }
  co_return node;
}

}  // namespace phyllo::node
