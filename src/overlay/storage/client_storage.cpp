#include "storage/client_storage.hpp"

#include "reload/message.hpp"
#include "storage/record_client.hpp"
#include "storage/storage_metrics.hpp"
#include "storage/sync_message.hpp"

namespace phyllo::overlay {
namespace {

class client_storage final : public storage {
 public:
  client_storage(core::environment& env, std::vector<kind> kinds, std::shared_ptr<const identity::credential> self,
                 const identity::trust& trust, surroundings& ring, core::metrics& metrics)
      : metrics_(metrics),
        kinds_(std::move(kinds)),
        judge_(self, trust, ring, nullptr),
        client_(env, std::move(self), ring, judge_, kinds_, metrics) {
    storage_metrics(metrics).values.set(0);  // whoever watches a node need not know its role, now or before
  }

  [[nodiscard]] record_operations& records() override { return client_; }
  void restore() override {}
  core::awaitable<void> save() override { co_return; }
  [[nodiscard]] storage_counts counts() const override { return {}; }
  [[nodiscard]] std::map<kind_id, std::uint64_t> instances() const override { return {}; }
  void use_kinds(std::vector<kind> kinds) override { kinds_ = std::move(kinds); }

  core::awaitable<message_contents> handle(incoming) override {
    co_return make_error(error_code::forbidden, "an ordinary node holds no records");
  }
  core::awaitable<core::bytes> handle_sync(node_id, core::bytes) override {
    metrics_.drop("sync_refused");
    const sync_answer refused{.view = 0, .kind = sync_reply::stranger, .content = {}};
    co_return refused.encode();
  }
  void on_synced(node_id, resource_id, resource_id, std::uint64_t) override {}
  void on_unsynced_here(node_id) override {}
  void on_members_changed() override {}
  void on_activated() override {}
  core::awaitable<void> hand_over(core::time_point) override { co_return; }
  core::awaitable<void> stop() override {
    client_.stop();
    co_return;
  }

 private:
  core::metrics& metrics_;
  std::vector<kind> kinds_;
  value_judge judge_;
  record_client client_;
};

}  // namespace

std::unique_ptr<storage> make_client_storage(core::environment& env, std::vector<kind> kinds,
                                             std::shared_ptr<const identity::credential> self, const identity::trust& trust,
                                             surroundings& ring, core::metrics& metrics) {
  return std::make_unique<client_storage>(env, std::move(kinds), std::move(self), trust, ring, metrics);
}

}  // namespace phyllo::overlay
