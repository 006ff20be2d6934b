// Asio's non-template parts, compiled once (ASIO_SEPARATE_COMPILATION).
#include <asio/impl/src.hpp>
