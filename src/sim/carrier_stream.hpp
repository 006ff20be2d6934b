// A stream between two simulated nodes, each of which has proved who it is: both its ends.
#pragma once

#include <array>
#include <memory>
#include <utility>

#include "phyllo/sim/network.hpp"
#include "phyllo/transport/stream.hpp"

namespace phyllo::sim {

class carrier_stream final : public transport::stream {
 public:
  struct party {
    host* at;
    transport::endpoint address;
    identity::certificate certificate;
  };
  // First the end of `a`. Networks and hosts outlive both.
  static std::pair<std::unique_ptr<transport::stream>, std::unique_ptr<transport::stream>> make(network& n, party a, party b);

  ~carrier_stream() override { close(); }
  core::awaitable<core::result<std::size_t>> read(std::span<std::uint8_t> into, core::time_point deadline) override;
  core::awaitable<core::status> write(core::byte_view data, core::time_point deadline) override;
  void close() override;
  [[nodiscard]] transport::endpoint local() const override;
  [[nodiscard]] transport::endpoint remote() const override;
  [[nodiscard]] bool secure() const noexcept override { return true; }
  [[nodiscard]] std::string alpn() const override { return "phyllo-sip"; }
  [[nodiscard]] std::string server_name() const override { return {}; }
  [[nodiscard]] const identity::certificate* peer() const override;

 private:
  struct end;
  struct pipe;
  carrier_stream(std::shared_ptr<pipe> p, std::size_t side) : pipe_(std::move(p)), side_(side) {}

  std::shared_ptr<pipe> pipe_;
  std::size_t side_;
};

}  // namespace phyllo::sim
