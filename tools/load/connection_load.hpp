// Very many connections: opened at a rate, through all their handshakes, and kept. What one is begun for is done when it is
// established; one that the server closes afterwards is a failure too.
#pragma once

#include <deque>

#include "stream_ways.hpp"

namespace phyllo::load {

class connection_load final : public machine, public ways {
 public:
  connection_load(stream_settings s, std::vector<address> sources, core::duration give_up, core::time_point counted_from);

  void begin(core::time_point intended, core::time_point now) override;
  void on_message(const arrival&, core::time_point) override {}
  void on_time(core::time_point now) override;
  [[nodiscard]] core::time_point next_time() const noexcept override;
  [[nodiscard]] std::size_t open() const noexcept override { return opening_.size(); }
  void abandon(core::time_point now) override;
  [[nodiscard]] tally& counted() noexcept override { return tally_; }

  [[nodiscard]] std::span<char> room(unsigned) override { return {}; }
  void commit(unsigned, const address&, std::size_t) override {}
  [[nodiscard]] std::vector<std::string> locals() const override { return {}; }
  void flush() override {}
  void wait(core::time_point until) override { ready_ = readiness_.wait(until); }
  void receive(machine& m) override;
  [[nodiscard]] const std::string& trouble() const noexcept override { return trouble_; }
  [[nodiscard]] std::size_t living() const noexcept { return living_; }

 private:
  struct one {
    std::unique_ptr<stream_connection> connection;
    core::time_point intended, begun;
    bool done = false;
    bool writing = true;
  };
  void carry_on(std::uint64_t number, core::time_point now);
  void fail(one& o, std::string_view why);
  [[nodiscard]] bool is_counted(const one& o) const noexcept { return o.intended >= counted_from_; }

  stream_settings settings_;
  std::vector<address> sources_;
  core::duration give_up_;
  core::time_point counted_from_;
  readiness readiness_;
  std::vector<std::uint64_t> ready_;
  std::deque<one> all_;
  std::deque<std::uint64_t> opening_;  // the oldest first; some are done
  tally tally_;
  std::size_t living_ = 0;
  std::string trouble_;
};

}  // namespace phyllo::load
