#include "storage/no_storage.hpp"

#include "reload/message.hpp"

namespace phyllo::overlay {
namespace {

class no_storage final : public storage, public record_operations {
 public:
  core::awaitable<core::result<outcome>> get(name, read_options) override { return refused(); }
  core::awaitable<core::result<outcome>> add(name, record, std::chrono::seconds, write_options) override { return refused(); }
  core::awaitable<core::result<outcome>> update(name, record, std::chrono::seconds, write_options) override { return refused(); }
  core::awaitable<core::result<outcome>> remove(name, write_options) override { return refused(); }
  core::awaitable<core::result<outcome>> watch(name, watch_options) override { return refused(); }
  core::awaitable<core::result<outcome>> store_entry(kind_id, resource_id, kind_entry, std::chrono::seconds, core::duration) override {
    return refused();
  }
  core::awaitable<core::result<std::vector<kind_value>>> fetch_entries(kind_id, resource_id, core::duration) override {
    co_return core::fail(errc::refused, "this node does not store");
  }
  core::awaitable<core::result<resource_id>> find_resource(kind_id, resource_id, core::duration) override {
    co_return core::fail(errc::refused, "this node does not store");
  }

  [[nodiscard]] record_operations& records() override { return *this; }
  void restore() override {}
  core::awaitable<void> save() override { co_return; }
  [[nodiscard]] storage_counts counts() const override { return {}; }
  [[nodiscard]] std::map<kind_id, std::uint64_t> instances() const override { return {}; }
  void use_kinds(std::vector<kind>) override {}

  core::awaitable<message_contents> handle(incoming) override { co_return make_error(error_code::forbidden, "this node does not store"); }
  core::awaitable<core::bytes> handle_sync(node_id, core::bytes) override { co_return core::bytes(); }
  void on_synced(node_id, resource_id, resource_id, std::uint64_t) override {}
  void on_unsynced_here(node_id) override {}
  void on_members_changed() override {}
  void on_activated() override {}
  core::awaitable<void> hand_over(core::time_point) override { co_return; }
  core::awaitable<void> stop() override { co_return; }

 private:
  static core::awaitable<core::result<outcome>> refused() { co_return core::fail(errc::refused, "this node does not store"); }
};

}  // namespace

std::unique_ptr<storage> make_no_storage() { return std::make_unique<no_storage>(); }

}  // namespace phyllo::overlay
