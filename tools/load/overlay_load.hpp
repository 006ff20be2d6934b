// Records of an overlay: written and read through a running node of it, by its admin interface, as `supernode overlay` does.
#pragma once

#include <asio/io_context.hpp>
#include <memory>
#include <random>

#include "options.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/task_scope.hpp"
#include "ways.hpp"

namespace phyllo::load {

class overlay_load final : public machine, public ways {
 public:
  struct settings {
    std::string socket;  // of the node
    overlay_options what;
    std::string domain;
    core::duration give_up{};
    std::uint64_t seed = 1;
    std::size_t operations_max = 1000;
    core::time_point counted_from{};
  };
  explicit overlay_load(settings s);
  ~overlay_load() override;

  void begin(core::time_point intended, core::time_point now) override;
  void on_message(const arrival&, core::time_point) override {}
  void on_time(core::time_point) override {}
  [[nodiscard]] core::time_point next_time() const noexcept override { return core::time_point::max(); }
  [[nodiscard]] std::size_t open() const noexcept override { return tasks_->running(); }
  void abandon(core::time_point now) override;
  [[nodiscard]] tally& counted() noexcept override { return tally_; }

  [[nodiscard]] std::span<char> room(unsigned) override { return {}; }
  void commit(unsigned, const address&, std::size_t) override {}
  [[nodiscard]] std::vector<std::string> locals() const override { return {}; }
  void flush() override {}
  void wait(core::time_point until) override;
  void receive(machine&) override {}
  [[nodiscard]] const std::string& trouble() const noexcept override { return trouble_; }

 private:
  core::awaitable<void> operate(core::time_point intended, core::time_point begun, bool reads, std::size_t name);
  void count(core::time_point intended, core::time_point begun, bool reads, std::string_view failure);

  settings settings_;
  asio::io_context io_{1};
  std::unique_ptr<core::environment> env_;
  std::unique_ptr<core::task_scope> tasks_;
  std::mt19937_64 dice_;
  std::vector<bool> written_;  // names that can be read
  tally tally_;
  std::string trouble_;
};

}  // namespace phyllo::load
