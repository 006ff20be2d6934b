// Connections that carry SIP messages: as many as there are sources, opened before a load begins.
#pragma once

#include <memory>

#include "stream_connection.hpp"
#include "ways.hpp"

namespace phyllo::load {

// Which sockets can be used, by epoll.
class readiness {
 public:
  readiness();
  ~readiness();
  readiness(const readiness&) = delete;
  readiness& operator=(const readiness&) = delete;

  void watch(int socket, std::uint64_t name, bool writable, bool known);
  void forget(int socket);
  // The names of those that can be read or written, at most 256; until one can be, or the time has come.
  [[nodiscard]] const std::vector<std::uint64_t>& wait(core::time_point until);

 private:
  int epoll_;
  std::vector<std::uint64_t> names_;
};

class stream_ways final : public ways {
 public:
  // Returns when all are established. core::errc::io: one is not, and why.
  [[nodiscard]] static core::result<std::unique_ptr<stream_ways>> open(stream_settings s, const std::vector<address>& sources);

  [[nodiscard]] std::span<char> room(unsigned way) override;
  void commit(unsigned way, const address& to, std::size_t size) override;
  [[nodiscard]] std::vector<std::string> locals() const override;
  void flush() override;
  void wait(core::time_point until) override;
  void receive(machine& m) override;
  [[nodiscard]] const std::string& trouble() const noexcept override { return trouble_; }

 private:
  explicit stream_ways(stream_settings s) : settings_(std::move(s)) {}
  [[nodiscard]] core::status open_all(const std::vector<address>& sources);
  [[nodiscard]] core::status establish(core::time_point deadline);
  void watch(std::size_t way, bool known);

  stream_settings settings_;
  readiness readiness_;
  std::vector<std::unique_ptr<stream_connection>> connections_;
  std::vector<bool> watches_writing_;
  std::vector<unsigned> written_;  // since the last flush
  std::vector<std::uint64_t> ready_;
  std::array<char, 8192> room_{};
  std::string trouble_;
};

}  // namespace phyllo::load
