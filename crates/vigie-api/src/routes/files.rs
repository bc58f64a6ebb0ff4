//! The routes that give a list as a file: the same question as the list, `.csv` or `.ndjson` behind its path.

/// Makes the two handlers of a list. They take what the list takes and answer with all of its pages, up to the bound of an export.
macro_rules! files {
    (
        $file:ident($params:ident), tag = $tag:tt,
        $csv:ident = $csv_path:tt, $csv_id:tt, $csv_about:tt,
        $ndjson:ident = $ndjson_path:tt, $ndjson_id:tt, $ndjson_about:tt $(,)?
    ) => {
        #[doc = $csv_about]
        #[utoipa::path(
            get,
            path = $csv_path,
            operation_id = $csv_id,
            tag = $tag,
            params(GuildPath, Ask::<$params>),
            responses(
                (status = 200, body = String, content_type = "text/csv"),
                (status = "default", body = Problem, content_type = "application/problem+json")
            )
        )]
        pub async fn $csv(
            State(app): State<App>,
            path: GuildPath,
            Ask(params): Ask<$params>,
        ) -> Result<Response, Problem> {
            $file(&app, path, &params, export::Format::Csv).await
        }

        #[doc = $ndjson_about]
        #[utoipa::path(
            get,
            path = $ndjson_path,
            operation_id = $ndjson_id,
            tag = $tag,
            params(GuildPath, Ask::<$params>),
            responses(
                (status = 200, body = String, content_type = "application/x-ndjson"),
                (status = "default", body = Problem, content_type = "application/problem+json")
            )
        )]
        pub async fn $ndjson(
            State(app): State<App>,
            path: GuildPath,
            Ask(params): Ask<$params>,
        ) -> Result<Response, Problem> {
            $file(&app, path, &params, export::Format::Ndjson).await
        }
    };
}

pub(crate) use files;
